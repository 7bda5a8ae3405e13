# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client may see of each part of a bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import ledger, parts, registers, words
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.parties import divide
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.rules import WITHHELD
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.segmentation import Places
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.withhold import Names, Withholder
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import Pack
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import CHANGES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.shapes import misfit
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import firewall_review
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.shape import RECORD
from tests.support.call_centre import CallCentre, part


@pytest.fixture(scope="module")
def read(sealed: bundle.SealedFolder) -> sealed_bundle.SealedBundle:
    return sealed_bundle.read(sealed.path)


@pytest.fixture
def withholder(centre: CallCentre, read: sealed_bundle.SealedBundle) -> Withholder:
    """That of acme."""
    return Withholder(words.matcher(read, centre.inventory(), divide(read.hosts, centre.inventory(), "acme")))


@pytest.fixture
def names() -> Names:
    shared = {"gw1": "shared-gateway-1", "db1": "shared-database-1"}
    return Names(["ws-acme-1", "ws-acme-2"], shared, ["10.77.99.1"])


@pytest.fixture
def acme(packed: Callable[..., Pack]) -> str:
    return packed("acme").path


def test_an_own_host_is_there_in_full(acme: str, read: sealed_bundle.SealedBundle) -> None:
    """One that names nobody else is as it was sealed."""
    before = next(record for record in read.hosts if record["host"] == "ws-acme-2")
    assert part(acme, "hosts/ws-acme-2.json") == before


def test_accounts_and_rules_are_those_of_own_hosts_and_name_nobody_else(acme: str, read: Any) -> None:
    """Nor does a pack tell who ran the audit."""
    before = next(record for record in read.hosts if record["host"] == "ws-acme-1")["state"]
    state = part(acme, "hosts/ws-acme-1.json")["state"]
    assert len(before["accounts"]) > 1
    named = [one["name"] for one in state["accounts"] if one["name"] != WITHHELD]
    assert named == ["agent-of-acme"]
    assert state["ruleset"][0] == "table inet x {"
    assert WITHHELD in state["ruleset"]
    shared = [path for path in Path(acme, "hosts").iterdir() if path.name.startswith("shared-")]
    assert shared
    assert all(part(acme, f"hosts/{path.name}")["state"] is None for path in shared)
    assert read.run["controller"]["host"] == "control1.centre.example"
    assert "controller" not in part(acme, "run.json")
    assert not any(b"control1" in path.read_bytes() for path in Path(acme).rglob("*") if path.is_file())


def test_what_names_others_on_an_own_host_is_withheld_with_its_key(acme: str) -> None:
    first = part(acme, "hosts/ws-acme-1.json")["findings"][0]
    assert first["status"] == "fail"
    assert first["observed"]["bolt"] == "in"
    assert first["observed"]["acme"] == "acme"
    assert first["observed"][WITHHELD] == WITHHELD
    assert first["observed"]["list"].count(WITHHELD) == 1
    assert "seg-acme" in first["observed"]["list"]
    assert "allow 10.78.1.11 to any" in first["observed"]["list"]
    assert first["reason"] == WITHHELD


def test_a_shared_host_tells_its_kind_and_whether_its_promises_hold(acme: str) -> None:
    record = part(acme, "hosts/shared-gateway-1.json")
    assert record["attributes"] == {"kinds": ["gateway"], "class": "management", "groups": [], "shared": True}
    assert record["look"] is None
    assert {one["check"]: one["status"] for one in record["findings"]} == {
        "door.closed.now": "pass",
        "door.bolted.now": "pass",
        "door.watched.now": "fail",
    }
    for one in record["findings"]:
        assert (one["expected"], one["observed"], one["source"], one["reason"]) == ({}, None, None, None)


def test_verdicts_are_over_what_is_shown(packed: Callable[..., Pack], read: sealed_bundle.SealedBundle) -> None:
    """1.3.1 fails on a host of globex and was not observed on the database; 8.3.4 fails on the gateway of all."""
    evidence = {str(row["id"]): row["evidence"] for row in read.requirements}
    assert (evidence["1.2.1"], evidence["1.3.1"]) == ("does_not_support", "does_not_support")
    for client, wanted in {
        "acme": ("does_not_support", "partly_observed", "does_not_support"),
        "globex": ("supports", "does_not_support", "does_not_support"),
        "globex-two": ("supports", "partly_observed", "does_not_support"),
    }.items():
        rows = {row["id"]: row for row in part(packed(client).path, "requirements.json")}
        assert tuple(rows[name]["evidence"] for name in ("1.2.1", "1.3.1", "8.3.4")) == wanted
        assert len(rows) == 260


def test_the_head_counts_what_is_shown(acme: str) -> None:
    run = part(acme, "run.json")
    assert run["population"] == {"hosts": 5, "observed": 5, "not_observed": []}
    assert run["site"] == {"name": "centre", "title": "The call centre"}
    assert run["diagrams"]["drawn"] == []
    hosts = [part(acme, f"hosts/{path.name}") for path in (Path(acme) / "hosts").iterdir()]
    found = [one for record in [*hosts, part(acme, "site.json")] for one in record["findings"]]
    assert sum(run["counts"].values()) == len(found)
    scope = part(acme, "scope.json")
    assert [row["clients"] for row in scope["classes"] if row["class"] == "client"] == [["acme"]]
    assert not (Path(acme) / "diagrams").exists()


def test_exceptions_are_those_that_touch_a_host_that_is_shown(acme: str) -> None:
    rows = {row["id"]: row for row in part(acme, "exceptions.json")}
    assert list(rows) == ["EX-all", "EX-1", "EX-gw-1", "EX-gw-2", "EX-gw-3"]
    assert rows["EX-1"]["whole"]
    assert rows["EX-gw-1"]["entry"]["hosts"] == ["ws-acme-1", "shared-gateway-1"]
    assert rows["EX-gw-2"]["entry"]["hosts"] == ["shared-gateway-1"]
    assert rows["EX-all"]["entry"]["reason"] == "Everybody knows shared-gateway-1 at [address]"
    shown = {one["check"] for one in part(acme, "site.json")["findings"]}
    assert "evidence.exceptions.EX-gw-2" in shown
    assert "evidence.exceptions.EX-2" not in shown
    stated = {row["id"]: row for row in part(acme, "controls.json")}
    assert "evidence.exceptions.EX-2" not in {one["id"] for one in stated["evidence.exceptions"]["checks"]}


ENTRY = {
    "kind": "exception",
    "id": "EX-9",
    "control": "door.closed",
    "owner": "o",
    "made_on": "2026-01-01",
    "reason": "r",
    "compensating_measure": "c",
    "expires": "2036-01-01",
    "signed_by": "o",
    "evidence": "evidence/x",
    "sha256": "0" * 64,
}
ROW = {"id": "EX-9", "state": "in_force", "reason": None, "source": "exceptions.yml:1", "signature": "SIGNATURE"}


def test_an_entry_that_is_not_whole_has_no_signature(names: Names, withholder: Withholder) -> None:
    """By the signature, what was taken out could be guessed and confirmed."""
    found = [{"exception": "EX-9"}, {"exception": "EX-9"}, {}]
    for hosts, shown, signature in (
        (["ws-acme-1"], ["ws-acme-1"], "SIGNATURE"),
        (["ws-acme-1", "ws-globex-1"], ["ws-acme-1"], None),
        (["gw1"], ["shared-gateway-1"], None),
    ):
        row = {**ROW, "entry": {**ENTRY, "hosts": hosts}, "accepted_findings": 9}
        (told,) = registers.exceptions([row], names, [{"findings": found}], withholder)
        assert told["entry"]["hosts"] == shown
        assert told["signature"] == signature
        assert told["accepted_findings"] == 2
    row = {**ROW, "entry": {**ENTRY, "hosts": ["ws-globex-1", "gone"]}}
    assert registers.exceptions([row], names, [], withholder) == []


@pytest.mark.parametrize(
    ("statement", "evidence", "shown"),
    [
        ("Everybody was trained", "evidence/x.pdf", ("Everybody was trained", "evidence/x.pdf", "0" * 64)),
        ("Agents of Acme and of Globex", "evidence/x.pdf", (WITHHELD, "evidence/x.pdf", "0" * 64)),
        ("Agents of Acme", "evidence/globex.pdf", ("Agents of Acme", WITHHELD, WITHHELD)),
        ("Agents of Globex", "evidence/x.pdf", None),
        ("Everybody was trained", "evidence/globex.pdf", None),
    ],
)
def test_attestations(
    names: Names, withholder: Withholder, statement: str, evidence: str, shown: tuple[str, ...] | None
) -> None:
    entry = {"kind": "attestation", "id": "AT-9", "claims": ["audited"], "statement": statement}
    row = {**ROW, "id": "AT-9", "entry": {**entry, "owner": "o", "evidence": evidence, "sha256": "0" * 64}}
    told = registers.attestations([row], names, withholder)
    assert [tuple(one["entry"][key] for key in ("statement", "evidence", "sha256")) for one in told] == (
        [shown] if shown else []
    )
    for one in told:
        assert one["signature"] == ("SIGNATURE" if WITHHELD not in one["entry"].values() else None)


def test_the_ledger_has_no_summary_and_no_hash_of_a_record(acme: str) -> None:
    book = part(acme, "ledger.json")
    assert book["records"] == {}
    rows = {row["activity"]: row for row in book["activities"]}
    assert "scan_of_acme" in rows
    assert "scan_of_globex" not in rows
    shown = [one for row in rows.values() for one in row["occurrences"]]
    assert {one["summary"] for one in shown if one["source"] == "record"} == {""}
    assert {tuple(one) for one in shown} == {("due", "on", "outcome", "source", "summary")}


def test_what_took_place_for_others_did_not_for_this_client(names: Names, withholder: Withholder) -> None:
    def occurrence(on: str, source: str, summary: str) -> dict[str, Any]:
        return {"on": on, "source": source, "outcome": "attested", "summary": summary, "due": None}

    row = {
        "activity": "security_training",
        "title": "Training",
        "pci": [],
        "claims": [],
        "since": None,
        "every": "12 months",
        "at_least_every": "12 months",
        "status": "on_time",
        "occurred": 2,
        "occurrences": [
            occurrence("2026-11-01", "attestation AT-2", "Agents of Globex"),
            occurrence("2025-02-01", "attestation AT-1", "Agents of Acme"),
        ],
    }
    (told,) = ledger.ledger({"day": "2026-11-21", "activities": [row]}, {"AT-1"}, names, withholder)["activities"]
    assert [one["on"] for one in told["occurrences"]] == ["2025-02-01"]
    assert (told["status"], told["last"], told["occurred"]) == ("overdue", "2025-02-01", 1)


def test_segmentation_is_the_own_segment_against_the_rest(acme: str) -> None:
    found = part(acme, "segmentation.json")
    assert found["path"].startswith("records/segmentation_test/")
    assert found["sha256"] == WITHHELD
    assert "model" not in found["test"]
    test = found["test"]
    assert misfit(test, RECORD) == ""
    places = {(cell["from"], cell["to"]) for cell in test["matrix"]}
    classes = {"class management", "class servers", "class card_data", "other clients", "seg-acme"}
    assert places == {(one, "seg-acme") for one in classes} | {("seg-acme", one) for one in classes}
    others = next(cell for cell in test["matrix"] if cell["to"] == "other clients")
    assert others["verdict"] == "open but not intended"
    assert (others["tries"], sum(others["counts"].values())) == (0, 0)
    assert test["scope"]["targets"] == ["shared-database-1", "shared-gateway-1", "shared-mail-1", "ws-acme-1"]
    assert [seat["host"] for seat in test["scope"]["from"]] == ["ws-acme-1"]
    pairs = [(one["pair"], one["to"], one["to_address"]) for one in test["findings"]]
    assert (["seg-acme", "class card_data"], "shared-database-1", WITHHELD) in pairs
    assert len(pairs) == 2


def test_several_segments_are_folded_into_the_worst() -> None:
    places = Places(frozenset({"mine"}), {"one": "client", "srv": "servers", "mine": "client"})
    assert [places.of(name) for name in ("mine", "one", "unknown", "srv", "internet")] == [
        "mine",
        "other clients",
        "other clients",
        "class servers",
        "internet",
    ]


def test_the_rule_review_has_own_hosts_alone_and_their_numbers(acme: str) -> None:
    review = part(acme, "rule_review.json")["review"]
    assert misfit(review, firewall_review.SHAPE) == ""
    assert [host["name"] for host in review["hosts"]] == ["ws-acme-1", "ws-acme-2"]
    assert {rule["name"] for host in review["hosts"] for rule in host["rules"]} == {"from-acme"}
    assert (review["totals"]["hosts"], review["totals"]["rules"]) == (2, 2)


def test_sample_and_changes_are_of_what_is_shown(packed: Callable[..., Pack], acme: str) -> None:
    kinds = {row["kind"]: row for row in part(acme, "sample.json")["kinds"]}
    assert set(kinds) == {"gateway", "database", "mail", "workstation"}
    assert kinds["workstation"]["hosts"] == 2
    assert kinds["gateway"]["drawn"] == ["shared-gateway-1"]
    changed = part(acme, "delta.json")
    assert ("ws-acme-1", "door.closed.now") in {(row["host"], row["check"]) for row in changed["still_open"]}
    assert ("shared-gateway-1", "door.watched.now") in {(row["host"], row["check"]) for row in changed["still_open"]}
    assert "evidence.exceptions.EX-2" not in {row["check"] for row in changed["still_open"]}


def test_hosts_that_share_a_name_with_a_part_of_another(names: Names) -> None:
    assert names.told("db1 and db10, db1.example, DB1:5432, xdb1") == (
        "shared-database-1 and db10, db1.example, DB1:5432, xdb1"
    )
    assert names.told(["10.77.99.1", "10.77.99.10", {"db1": "on db1."}]) == [
        "[address]",
        "10.77.99.10",
        {"db1": "on shared-database-1."},
    ]


def test_changes_of_what_is_not_shown_or_was_judged_anew_are_left_out(names: Names) -> None:
    def row(host: str, check: str, before: str | None, now: str | None) -> dict[str, Any]:
        return {"host": host, "check": check, "before": before, "now": now}

    sealed: dict[str, Any] = {
        "compared_with": "RUN",
        "problem": "cannot be read: /srv/site",
        **dict.fromkeys(CHANGES, ()),
    }
    sealed["drifted"] = [
        row("ws-acme-1", "door.closed.now", "pass", "fail"),
        row("gw1", "door.closed.now", "pass", "fail"),
        row("ws-globex-1", "door.closed.now", "pass", "fail"),
        row("(site)", "evidence.a.recurs", "pass", "fail"),
        row("(site)", "evidence.b.recurs", "pass", "fail"),
    ]
    sealed["no_longer_checked"] = [row("(site)", "evidence.exceptions.EX-2", "fail", None)]
    shown = [{"check": "evidence.a.recurs", "status": "fail"}, {"check": "evidence.b.recurs", "status": "pass"}]
    told = parts.delta(sealed, names, {"findings": shown})
    assert [(one["host"], one["check"]) for one in told["drifted"]] == [
        ("ws-acme-1", "door.closed.now"),
        ("shared-gateway-1", "door.closed.now"),
        ("(site)", "evidence.a.recurs"),
    ]
    assert told["no_longer_checked"] == []
    assert told["problem"] == "the bundle cannot be read"
