# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the audit itself are held to what roles' controls are held to, and are in every table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.tools.conftest import EVIDENCE_TAMPER
from tools.claims import rows
from tools.gates.checks.controls import check
from tools.model.controls import all_controls
from tools.model.results import together
from tools.model.tampers import tampers
from tools.render_control_reference import Reference
from tools.repository import Repository

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree


def test_complete_ones_pass(tree: Tree) -> None:
    tree.evidence()
    assert tree.problems(check) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": None}, "title is missing"),
        ({"tasks": ["main.yml"]}, "unknown key 'tasks'"),
        ({"claims": ["dark"]}, "no claim 'dark'"),
        ({"pci_dss": ["9.9.9"]}, "no PCI DSS requirement '9.9.9'"),
        ({"tracks": "promise"}, "tracks 'promise' is none of technical, mixed, attestation"),
        ({"checks": [{"id": "ENTRY", "aspect": "configured", "probe": "bulb", "expect": {"a": 1}}]}, "no probe 'bulb'"),
        ({"checks": []}, "checks is missing or empty"),
    ],
)
def test_a_badly_formed_one(tree: Tree, changes: dict[str, object], word: str) -> None:
    tree.evidence(**changes)
    problems = tree.problems(check)
    assert len(problems) == 1
    assert "evidence.attestations" in problems[0]
    assert word in problems[0]


def test_one_without_a_test_or_a_case_and_an_activity_likewise(tree: Tree) -> None:
    tree.evidence()
    tree.remove("tests/behaviour/site/test_evidence.py")
    tree.remove("tests/tamper/site/evidence.yml")
    assert set(tree.problems(check)) == {
        f"evidence.{name}: {what}"
        for name in ("attestations", "dusting", "airing")
        for what in ("no behaviour test is marked with it", "no tamper case breaks it")
    }


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"check": None}, "check is missing or no text"),
        ({"scenario": None}, "scenario is missing or no text"),
        ({"scenario": "evidence"}, "scenario can only be site"),
        ({"repaired_by": "role"}, "repaired_by can only be `people`"),
        ({"control": "lamp.shines"}, "lamp.shines is a control of a role"),
        ({"id": "lamp-gone"}, "the id does not start with evidence-"),
        ({"each": "host"}, "unknown key 'each'"),
        ({"alone": "role"}, "alone can only be true"),
        ({"control": "evidence.cooking"}, "there is no control 'evidence.cooking'"),
        ({"id": "evidence-airing-late"}, "the id is there twice"),
    ],
)
def test_a_badly_formed_case(tree: Tree, changes: dict[str, Any], word: str) -> None:
    tree.evidence()
    changed = {key: value for key, value in {**EVIDENCE_TAMPER[0], **changes}.items() if value is not None}
    tree.write("tests/tamper/site/evidence.yml", [changed, *EVIDENCE_TAMPER[1:]])
    assert any(word in problem for problem in tree.problems(check))


def test_a_case_that_stands_for_one_of_each_activity(tree: Tree) -> None:
    tree.evidence()
    ids = {case.id: case for case in tampers(tree.repository()) if case.role == "evidence"}
    assert list(ids) == ["evidence-attestation-gone", "evidence-dusting-overdue", "evidence-airing-late"]
    made = ids["evidence-dusting-overdue"].raw
    assert (made["control"], made["command"]) == ("evidence.dusting", "rm dusting")
    assert not {"each", "but"} & set(made)


def test_claims_that_only_people_can_keep_have_what_keeps_track_of_them(tree: Tree) -> None:
    tree.evidence()
    row = {one.claim: one for one in rows(tree.repository(), together([]))}
    assert row["janitor"].controls == ["evidence.attestations"]
    assert row["janitor"].behaviour_tests == ["tests/behaviour/site/test_evidence.py::test_evidence"]
    assert row["janitor"].tamper_cases == ["evidence-attestation-gone"]
    assert row["warmth"].controls == ["evidence.dusting"]
    assert "evidence.attestations" not in row["light"].controls


def test_the_reference_has_them(tree: Tree) -> None:
    tree.evidence()
    page = Reference(tree.repository()).pages()["docs/controls/evidence.md"]
    for text in (
        "# evidence\n\nWhat the audit itself promises",
        "## evidence.dusting\n\nDusting: every 1 day.",
        "Claims that only people can keep, of whose statements it keeps track:\n\n- `janitor`: There is a janitor",
        "- `evidence-dusting-overdue`: nobody did it",
    ):
        assert text in page


def test_those_of_this_collection() -> None:
    names = [control.id for control in all_controls(Repository()) if control.role == "evidence"]
    assert {"evidence.exceptions", "evidence.attestations", "evidence.chain", "evidence.records"} < set(names)
    assert "evidence.audit" in names
    assert len(names) == len(set(names))
