# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence supports only what was seen to hold everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog, verdicts
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count


def judged(pci: catalog.Catalog, sample: Any, *records: dict[str, Any]) -> dict[str, dict[str, Any]]:
    requirements, claims = verdicts.judge(pci, sample.controls, list(records))
    return {row["id"]: row for row in [*requirements, *claims]}


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (["pass"], "supports"),
        (["pass", "not_applicable"], "supports"),
        (["pass", "fail"], "does_not_support"),
        (["fail", "not_observed"], "does_not_support"),
        (["pass", "excepted"], "does_not_support"),
        (["pass", "error"], "partly_observed"),
        (["pass", "not_observed"], "partly_observed"),
        (["not_observed", "not_applicable"], "not_observed"),
        (["error"], "not_observed"),
        (["not_applicable"], "not_covered"),
        ([], "not_covered"),
    ],
)
def test_one_word_for_findings(statuses: list[str], word: str) -> None:
    assert verdicts.evidence(count({"status": status} for status in statuses)) == word


def test_every_id_gets_a_verdict_and_only_served_ones_get_support(pci: catalog.Catalog, sample: Any) -> None:
    requirements, claims = verdicts.judge(pci, sample.controls, [sample.record("gw1", sample.good)])
    assert len(requirements) == 260
    assert len(claims) == 50
    assert {row["id"] for row in requirements if row["evidence"] == "supports"} == {"1.2.1", "1.3.1", "8.3.4"}
    assert {row["id"] for row in claims if row["evidence"] == "supports"} == {"inbound-drop", "login-delay"}


def test_one_failing_host_is_enough(pci: catalog.Catalog, sample: Any) -> None:
    rows = judged(
        pci, sample, sample.record("gw1", sample.good), sample.record("gw2", {**sample.good, "door.closed.now": "fail"})
    )
    assert rows["1.2.1"]["evidence"] == "does_not_support"
    assert rows["8.3.4"]["evidence"] == "supports"
    assert rows["1.2.1"]["counts"]["fail"] == 1


def test_what_is_not_covered_says_why(pci: catalog.Catalog, sample: Any) -> None:
    rows = judged(pci, sample, sample.record("gw1", sample.good))
    assert "no software" in rows["1.1.1"]["note"]
    assert "No control" in rows["1.2.8"]["note"]
    assert "technical part only" in rows["1.2.1"]["note"]
    rows = judged(pci, sample, sample.record("gw1", dict.fromkeys(sample.good, "not_applicable")))
    assert rows["8.3.4"]["note"] == "Not applicable on every host observed."


@pytest.mark.parametrize(
    ("kind", "word", "states", "said"),
    [
        ("mixed", "supports", [], "supports"),
        ("mixed", "supports", ["expired"], "expired"),
        # A record of the training is there in time; nobody has seen that people were screened.
        ("attestation", "supports", [], "not_covered"),
        ("attestation", "supports", ["unsigned"], "not_covered"),
        ("attestation", "supports", ["in_force"], "attested"),
        ("attestation", "supports", ["expired"], "expired"),
        ("attestation", "does_not_support", ["in_force"], "does_not_support"),
    ],
)
def test_what_only_people_can_keep_is_supported_by_no_finding(
    kind: str, word: str, states: list[str], said: str
) -> None:
    assert verdicts.with_attestations(word, {"id": "x", "kind": kind}, states) == said
