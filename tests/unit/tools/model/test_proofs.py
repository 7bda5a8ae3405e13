# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a claim is proven on a release: part by part, and what a run that is missing, skipped or new does to it."""

from __future__ import annotations

import pytest

from tools.model.catalog import Claim
from tools.model.markers import MarkedTest
from tools.model.proofs import Evidence, Proof
from tools.model.results import Results
from tools.model.tampers import Tamper

LIGHT = Claim("light", "technical", "It is light", ["by-day", "by-night"])
DAY, NIGHT = "t.py::test_day", "t.py::test_night"
TESTS = [
    MarkedTest(DAY, ["light"], [], ["light.by-day"]),
    MarkedTest(NIGHT, ["light"], [], ["light.by-night"]),
]
CASE = "lamp-unplugged"
CASES = [Tamper("roles/lamp/meta/tamper.yml", {"id": CASE})]
SHOWN = {"by-day": True, "by-night": True}
#: All passed on both releases.
GOOD = {(name, release): "passed" for name in (DAY, NIGHT, CASE) for release in ("debian12", "debian13")}


def results(outcomes: dict[tuple[str, str], str]) -> Results:
    """Records of outcomes: words with blanks between them, '' for none on this release."""
    keyed = {
        (("behaviour" if "::" in name else "tamper", name), release): frozenset(words.split())
        for (name, release), words in outcomes.items()
        if words
    }
    return Results(keyed, {key: "2026-11-21T10:00:00Z" for key, _release in keyed})


def proof(
    changed: dict[tuple[str, str], str],
    *,
    release: str = "debian12",
    claim: Claim = LIGHT,
    more: list[MarkedTest] | None = None,
    cases: list[Tamper] | None = None,
) -> Proof:
    """What is seen on a release when some outcomes are others than in GOOD."""
    own = CASES if cases is None else cases
    return Evidence(claim, [*TESTS, *(more or [])], own).on(release, results({**GOOD, **changed}))


def test_all_parts_shown_and_every_case_passed() -> None:
    assert proof({}) == Proof(SHOWN, [])
    assert proof({}).complete


@pytest.mark.parametrize("outcome", ["skipped", "failed", "passed skipped", "passed failed", ""])
def test_a_part_whose_only_test_did_not_pass(outcome: str) -> None:
    seen = proof({(NIGHT, "debian12"): outcome})
    assert seen == Proof({"by-day": True, "by-night": False}, [])
    assert not seen.complete
    assert proof({(NIGHT, "debian12"): outcome}, release="debian13").complete


@pytest.mark.parametrize("outcome", ["skipped", "failed", "passed skipped"])
def test_one_test_of_a_part_that_did_not_pass_takes_it_away(outcome: str) -> None:
    other = MarkedTest("t.py::test_other", ["light"], [], ["light.by-day"])
    seen = proof({(other.id, "debian12"): outcome}, more=[other])
    assert seen.parts == {"by-day": False, "by-night": True}


def test_a_test_that_runs_on_another_release_only_takes_nothing_away() -> None:
    """And where it is the only one of a part, it shows it there alone."""
    other = MarkedTest("t.py::test_in_the_machine", ["light"], [], ["light.by-day", "light.by-night"])
    there = {(other.id, "debian13"): "passed"}
    assert proof(there, more=[other]).complete
    alone = {**there, (NIGHT, "debian12"): "", (NIGHT, "debian13"): ""}
    evidence = Evidence(LIGHT, [TESTS[0], other], CASES)
    assert evidence.on("debian12", results({**GOOD, **alone})).parts == {"by-day": True, "by-night": False}
    assert evidence.on("debian13", results({**GOOD, **alone})).complete


def test_a_test_that_no_record_holds_shows_nothing_yet() -> None:
    new = MarkedTest("t.py::test_new", ["light"], [], ["light.by-day"])
    assert proof({}, more=[new]) == Proof({"by-day": False, "by-night": True}, [])
    assert proof({}, more=[MarkedTest("t.py::test_new", ["light"])]).not_passed == ["test t.py::test_new"]


@pytest.mark.parametrize("outcome", ["skipped", "failed", "passed failed"])
def test_another_test_of_the_claim_that_did_not_pass(outcome: str) -> None:
    other = MarkedTest("t.py::test_other", ["light"])
    seen = proof({(other.id, "debian12"): outcome}, more=[other])
    assert seen == Proof(SHOWN, ["test t.py::test_other"])
    assert not seen.complete
    assert proof({(other.id, "debian13"): "passed"}, more=[other]).complete


def test_a_part_that_no_test_is_marked_with() -> None:
    more = Claim("light", "technical", "It is light", ["by-day", "by-night", "in-fog"])
    assert proof({}, claim=more).parts == {**SHOWN, "in-fog": False}
    assert not proof({}, claim=more).complete


def test_parts_of_another_claim_with_the_same_id_count_for_nothing() -> None:
    other = MarkedTest("t.py::test_other", ["light", "warmth"], [], ["warmth.in-fog"])
    more = Claim("light", "technical", "It is light", ["by-day", "by-night", "in-fog"])
    passed = {(other.id, "debian12"): "passed"}
    assert proof(passed, claim=more, more=[other]).parts == {**SHOWN, "in-fog": False}


@pytest.mark.parametrize("kind", ["technical", "mixed"])
def test_a_claim_without_parts_is_never_proven(kind: str) -> None:
    assert proof({}, claim=Claim("light", kind, "It is light")).not_passed == ["any part"]


def test_a_claim_that_no_tamper_case_breaks_is_never_proven() -> None:
    assert proof({}, cases=[]) == Proof(SHOWN, ["any tamper case"])


@pytest.mark.parametrize("outcome", ["skipped", "failed", "passed skipped", ""])
def test_a_tamper_case_that_did_not_pass(outcome: str) -> None:
    assert proof({(CASE, "debian12"): outcome}) == Proof(SHOWN, [f"tamper case {CASE}"])


@pytest.mark.parametrize("scenario", ["vm", "lamp"])
def test_a_tamper_case_of_one_scenario_is_asked_for_on_each_release(scenario: str) -> None:
    cases = [*CASES, Tamper("roles/lamp/meta/tamper.yml", {"id": "lamp-elsewhere", "scenario": scenario})]
    there = {("lamp-elsewhere", "debian13"): "passed"}
    assert proof(there, cases=cases).not_passed == ["tamper case lamp-elsewhere"]
    assert proof({**there, ("lamp-elsewhere", "debian12"): "passed"}, cases=cases).complete


def test_what_people_attest_counts_where_every_test_and_case_passed() -> None:
    """It has no parts: nothing but the register is tested."""
    attested = Claim("light", "attestation", "It is light")
    assert proof({}, claim=attested) == Proof({}, [])
    assert proof({(DAY, "debian12"): ""}, claim=attested).not_passed == [f"test {DAY}"]
    assert proof({(CASE, "debian12"): ""}, claim=attested).not_passed == [f"tamper case {CASE}"]
    assert Evidence(attested, [], CASES).on("debian12", results(GOOD)).not_passed == ["any test"]
