# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit's own controls: each break of registers, records, bundles and scope turns exactly its finding red.

One story over a site whose registers are signed by the playbook that people sign them with. A host breaks a control,
and somebody has accepted that. The site is audited as it should be, then broken as tests/tamper/site/evidence.yml
says, as many cases at a time as do not meet, and put right and audited again.
"""

from __future__ import annotations

import fnmatch
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.support.lab import REPOSITORY
from tools.model.tampers import tampers
from tools.repository import Repository

from .conftest import SITE
from .evidence_site import ACCEPTED, ASKED_DAYS, ATTESTED, HOST, Audit, EvidenceSite, day, rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lab import Lab

CASES = [dict(case.raw) for case in tampers(Repository()) if case.role == "evidence"]
ROUNDS = rounds(CASES)
#: Small, so that it is a matter of seconds; what it must see is for test_segmentation.py.
SEGMENTATION = {
    "segmentation_test_common_ports": False,
    "segmentation_test_hosts_per_segment": 1,
    "segmentation_test_targets_per_segment": 1,
    "segmentation_test_internet": False,
}


class Story(NamedTuple):
    """The audits: of the site as it should be, of each round, and once all was put right."""

    good: Audit
    broken: list[Audit]
    repaired: Audit

    def broken_by(self, case: str) -> Audit:
        """The audit of the round of a case."""
        return next(audit for audit, cases in zip(self.broken, ROUNDS) if case in {one["id"] for one in cases})


def host_case() -> dict[str, Any]:
    """The tamper case that breaks the accepted control of a host."""
    listed = yaml.safe_load((REPOSITORY / "roles/password_policy/meta/tamper.yml").read_text(encoding="utf-8"))
    return next(case for case in listed if case["control"] == ACCEPTED)


@pytest.fixture(scope="module")
def story(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All of it, once."""
    site = EvidenceSite(lab, tmp_path_factory.mktemp("evidence-site"), SITE)
    site.sign_all()
    for name, options in (("firewall_review", {}), ("segmentation_test", SEGMENTATION)):
        done = site.play(name, "-e", json.dumps(options))
        assert done.rc == 0, done.stdout[-4000:] + done.stderr
    held = {
        name for name in ("firewall_review", "segmentation_test") if any(site.evidence.glob(f"records/{name}/*.json"))
    }
    assert held == {"firewall_review", "segmentation_test"}
    names = {case["control"].split(".")[1] for case in CASES if case["id"].endswith("-failed")}
    site.take_place(*sorted(names - held))
    assert lab.run(HOST, host_case()["command"]).rc == 0
    try:
        good = site.audit()
        broken = []
        for cases in ROUNDS:
            site.breaks(cases)
            broken.append(site.audit())
            site.put_right()
        yield Story(good, broken, site.audit())
    finally:
        assert lab.run(HOST, host_case()["undo"]).rc == 0


@pytest.mark.control("evidence.exceptions", "evidence.attestations", "evidence.chain", "evidence.records")
@pytest.mark.control("evidence.classes")
def test_all_is_green_before_and_after(story: Story) -> None:
    """Nothing of the site is red but by a case, and the exit status says so both times."""
    for audit in (story.good, story.repaired):
        assert audit.red() == set()
        assert audit.done.rc == 0, audit.done.stdout[-4000:]
    shown = set(story.repaired.findings())
    assert {"evidence.chain.previous", "evidence.classes.hosts", "evidence.audit.recurs"} <= shown
    assert all(audit.done.rc == 2 for audit in story.broken)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(story: Story, case: dict[str, Any], record_property: Any) -> None:
    """The case turns its findings red, its round no others; and they are green before and after it."""
    record_property("kind", "tamper")
    record_property("id", case["id"])
    audit = story.broken_by(case["id"])
    patterns = [one["check"] for cases in ROUNDS if case in cases for one in cases]
    mine = set(fnmatch.filter(audit.findings(), case["check"]))
    assert mine
    assert mine <= audit.red(), {name: audit.findings()[name]["status"] for name in mine}
    assert {audit.findings()[name]["control"] for name in mine} == {case["control"]}
    assert {name for name in audit.red() if not any(fnmatch.fnmatchcase(name, one) for one in patterns)} == set()
    for other in (story.good, story.repaired):
        assert not set(fnmatch.filter(other.red(), case["check"]))


@pytest.mark.control("evidence.exceptions")
def test_an_exception_accepts_what_it_names_as_long_as_it_is_in_force(story: Story) -> None:
    """In force, the failing finding of that host is accepted and the exit status 0; expired, it is red again."""
    expired = story.broken_by("evidence-exception-expired")
    for audit, status in ((story.good, "excepted"), (expired, "fail"), (story.repaired, "excepted")):
        failing = {
            name: one["status"] for name, one in audit.findings(f"hosts/{HOST}").items() if one["status"] != "pass"
        }
        changed = {name: found for name, found in failing.items() if found != "not_applicable"}
        assert {name.rpartition(".")[0] for name in changed} == {ACCEPTED}
        assert set(changed.values()) == {status}
    row = next(one for one in story.good.part("exceptions") if one["id"] == "EX-HOST")
    assert (row["state"], row["accepted_findings"] > 0) == ("in_force", True)
    assert story.good.claims()["stronger-passwords"] == "does_not_support"


@pytest.mark.control("evidence.exceptions", "evidence.attestations")
def test_the_state_of_every_entry_is_told(story: Story) -> None:
    """By its name, with the reason, in the register of the bundle and in the report's data."""
    states = {}
    for audit in story.broken:
        for name in ("exceptions", "attestations"):
            states.update(
                {one["id"]: one["state"] for one in audit.part(name) if one["state"] not in ("in_force", "expired")}
            )
    assert states == {
        "EX-EARLY": "not_yet",
        "EX-UNSIGNED": "unsigned",
        "EX-EDITED": "wrongly_signed",
        "EX-FORGED": "wrongly_signed",
        "EX-UNKNOWN": "unknown",
        "EX-CHANGED": "evidence_changed",
        "EX-MISSING": "evidence_missing",
        "AT-physical-access": "unsigned",
        "AT-screening-training": "wrongly_signed",
        "AT-paper-shredded": "evidence_changed",
        "AT-security-officer": "evidence_missing",
        "AT-risk-assessment": "unknown",
        "AT-contracts": "wrongly_signed",
    }


@pytest.mark.control("evidence.attestations")
@pytest.mark.claim("physical-access", "screening-training", "paper-shredded")
@pytest.mark.claim("security-officer", "risk-assessment", "contracts")
def test_a_procedure_is_attested_expired_or_not_covered_as_its_statement_is(story: Story) -> None:
    """What no software can observe: a signed statement in force, one that has expired, one that does not count."""
    said = {claim: story.good.claims()[claim] for claim in ATTESTED}
    assert said == dict.fromkeys(ATTESTED, "attested")
    expired = story.broken_by("evidence-attestations-expired")
    assert {one["state"] for one in expired.part("attestations")} == {"expired"}
    # Training and the review of risks were overdue or failed besides: that speaks louder than a statement's age.
    spoken = dict.fromkeys(("screening-training", "risk-assessment"), "does_not_support")
    assert {claim: expired.claims()[claim] for claim in ATTESTED} == {**dict.fromkeys(ATTESTED, "expired"), **spoken}
    void = story.broken_by("evidence-attestation-unsigned").claims()
    assert {claim: void[claim] for claim in ATTESTED} == {**dict.fromkeys(ATTESTED, "not_covered"), **spoken}
    assert {claim: story.repaired.claims()[claim] for claim in ATTESTED} == said


@pytest.mark.control("evidence.records", "evidence.segmentation_test", "evidence.firewall_review")
@pytest.mark.claim("audited")
def test_the_ledger_shows_what_was_done_and_whose_record_is_gone(story: Story) -> None:
    """A real segmentation test and a real rule review are in it; once a record is touched, that is red by name."""
    paths = {}
    for name in ("segmentation_test", "firewall_review"):
        row = story.good.activity(name)
        assert (row["status"], row["last"], row["last_failed"]) == ("on_time", row["occurrences"][0]["on"], False)
        assert story.good.findings()[f"evidence.{name}.recurs"]["status"] == "pass"
        paths[name] = row["occurrences"][-1]["path"]
        assert story.good.part("ledger")["records"][paths[name]] == row["occurrences"][-1]["sha256"]
    gone = story.broken_by("evidence-record-removed").findings()[f"evidence.records.{paths['segmentation_test']}"]
    assert "is gone or broken since the audit" in gone["reason"]
    changed = story.broken_by("evidence-record-altered").findings()[f"evidence.records.{paths['firewall_review']}"]
    assert "was changed since the audit" in changed["reason"]


@pytest.mark.control("evidence.audit", "evidence.chain")
@pytest.mark.proof("audited.ran", "audited.missed")
def test_every_audit_that_took_place_or_was_missed_is_in_the_ledger(story: Story) -> None:
    """The site asks for one a day since some days: the days before today were missed, today's audits are there."""
    row = story.repaired.activity("audit")
    assert {one["due"] for one in row["missed"]} == {day(-number) for number in range(1, ASKED_DAYS)}
    assert {one["done"] for one in row["missed"]} == {day(0)}
    # The one that no host answered is kept in another folder.
    assert row["occurred"] == len(story.broken) + 1
    bundles = {one["source"] for one in row["occurrences"]}
    assert f"bundle {story.good.bundle.name}" in bundles
    assert story.repaired.claims()["audited"] == "supports"
    assert story.broken_by("evidence-bundle-altered").claims()["audited"] == "does_not_support"


@pytest.mark.control("evidence.classes")
@pytest.mark.proof("data-classified.every-host", "data-classified.scope")
def test_the_scope_is_told_by_class_and_a_host_without_one_is_red(story: Story, lab: Lab) -> None:
    """Every host of the site model is in exactly one class, in the bundle and in the report."""
    model = yaml.safe_load(SITE.read_text(encoding="utf-8"))
    wanted: dict[str, set[str]] = {}
    for name, host in model["hosts"].items():
        wanted.setdefault(model["segments"][host["segment"]]["class"], set()).add(name)
    scope = story.good.part("scope")
    assert {row["class"]: set(row["hosts"]) for row in scope["classes"]} == wanted
    assert scope["unclassified"] == []
    assert set().union(*wanted.values()) <= set(lab.hosts)
    assert all(row["counts"]["pass"] > 0 for row in scope["classes"])
    assert story.good.claims()["data-classified"] == "supports"
    found = story.broken_by("evidence-host-without-a-class")
    assert found.findings()["evidence.classes.hosts"]["reason"] == "without a class: stray1"
    assert found.claims()["data-classified"] == "does_not_support"
    page = (story.good.bundle / "report.html").read_text(encoding="utf-8")
    assert all(f'"class":"{name}"' in page for name in wanted)


@pytest.mark.control("evidence.diagrams")
def test_the_pictures_support_what_asks_for_them_unless_a_host_is_in_none(story: Story) -> None:
    """The bundle holds them, and the requirements about them say so; with a host that no picture shows they do not."""
    assert story.good.findings()["evidence.diagrams.hosts"]["status"] == "pass"
    broken = story.broken_by("evidence-host-not-drawn")
    assert broken.findings()["evidence.diagrams.hosts"]["reason"] == "in no picture: stray1"
    for audit, word in ((story.good, "supports"), (broken, "does_not_support"), (story.repaired, "supports")):
        assert {audit.requirements()[name] for name in ("1.2.3", "1.2.4")} == {word}


def test_what_was_made_before_the_site_model_changed_supports_nothing(story: Story) -> None:
    """The note above the test, the ledger, the finding and the verdict say the same."""
    for name, requirement in (("segmentation_test", "11.4.5"), ("firewall_review", "1.2.7")):
        audit = story.broken_by(f"evidence-{name}-changed")
        assert "flows" in audit.activity(name)["changed"]
        assert audit.activity(name)["status"] == "changed"
        found = audit.findings()[f"evidence.{name}.recurs"]
        assert found["reason"].startswith("the site model has changed since the last one: ")
        assert audit.requirements()[requirement] == "does_not_support"
        assert "The site model has changed since: " in (audit.bundle / "report.html").read_text(encoding="utf-8")
        for other in (story.good, story.repaired):
            assert other.requirements()[requirement] == "supports"
            assert other.activity(name)["changed"] == []


@pytest.mark.control("evidence.clocks")
def test_a_clock_that_is_off_is_told_and_findings_carry_by_how_much(story: Story) -> None:
    """The host is named with its offset, and what it says of the time stands beside the controller's."""
    audit = story.broken_by("evidence-clock-skewed")
    found = audit.findings()["evidence.clocks.hosts"]
    assert list(found["observed"]["skewed"]) == ["log1"]
    assert re.fullmatch(r"clocks differ from the controller's: log1 by 7[12]\d\d s ahead", found["reason"])
    record = audit.part("hosts/log1")
    assert abs(record["look"]["clock_offset_seconds"] - 7200) < 30
    run = audit.part("run")
    assert all(one["observed_at"] > run["finished_at"] for one in record["findings"] if one["status"] == "pass")
    assert "evidence.clocks" in audit.done.stdout
    assert found["reason"] in (audit.bundle / "report.html").read_text(encoding="utf-8")
    assert "evidence.clocks.hosts" not in story.good.findings()


@pytest.mark.proof("vulnerability-scans.missed-quarter")
@pytest.mark.control("evidence.ACTIVITY")  # all that the catalogue lists
def test_every_activity_is_red_when_it_is_overdue_or_did_not_end_well(story: Story) -> None:
    """All that the catalogue lists; each is green again once it has taken place and ended well."""
    overdue, failed = story.broken_by("evidence-log_review-overdue"), story.broken_by("evidence-log_review-failed")
    rows = story.good.part("ledger")["activities"]
    assert len(rows) == len({case["control"] for case in CASES if case["check"].endswith(".recurs")})
    for row in rows:
        name = row["activity"]
        check = f"evidence.{name}.recurs"
        assert story.good.findings()[check]["status"] == story.repaired.findings()[check]["status"] == "pass"
        if name == "audit":
            found = story.broken_by("evidence-audit-overdue").findings()[check]
            assert found["reason"] == f"it was due on {day(1 - ASKED_DAYS)}"
            continue
        assert overdue.activity(name)["status"] == "overdue"
        assert f"it was due on {day(-1)}" in overdue.findings()[check]["reason"]
        assert "ended with fail" in failed.findings()[check]["reason"]
