# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about the site as a whole, which no host can be asked: its registers.

They stand in ``site.json``, in the shape of a host's record, and count like those of hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import Judged

#: What stands where a finding has a host; no host of an inventory is called so.
SITE = "(site)"
ROLE = "evidence"

_CONTROLS: dict[str, dict[str, Any]] = {
    "evidence.exceptions": {
        "title": "Every exception is signed, in force and about something that there is",
        "claims": [],
        "pci_dss": [],
    },
    "evidence.attestations": {
        "title": "Every attestation is signed, in force and about something that there is",
        "claims": [],
        "pci_dss": [],
    },
}


def site_finding(
    control: str,
    name: str,
    status: str,
    *,
    expected: Mapping[str, Any],
    observed: Mapping[str, Any],
    source: str,
    reason: str | None = None,
) -> dict[str, Any]:
    """One finding about the site; ``name`` tells it from the others of its control."""
    check = {"id": f"{control}.{name}", "control": control, "role": ROLE, "aspect": "configured", "expect": expected}
    made: dict[str, Any] = clean(finding(check, status, observed=observed, source=source, reason=reason))
    return made


def of_registers(judged: Iterable[Judged], used: Mapping[str, int]) -> list[dict[str, Any]]:
    """A finding for every entry of the registers; ``used`` says how many findings each exception accepts."""
    made = []
    for one in judged:
        observed: dict[str, Any] = {"state": one.state, "expires": one.entry.fields["expires"]}
        if one.entry.id in used and one.entry.kind == "exception":
            observed["accepted_findings"] = used[one.entry.id]
        made.append(
            site_finding(
                f"evidence.{one.entry.kind}s",
                one.entry.id,
                "pass" if one.in_force else "fail",
                expected={"state": "in_force"},
                observed=observed,
                source=one.entry.source,
                reason=one.reason,
            )
        )
    return made


def controls(made: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The controls that these findings belong to, as controls.json holds them."""
    rows = []
    for name, control in _CONTROLS.items():
        checks = [
            {"id": one["check"], "aspect": one["aspect"], "probe": "controller"}
            for one in made
            if one["control"] == name
        ]
        if checks:
            rows.append({"id": name, "role": ROLE, "kinds": "all", "checks": checks, **control})
    return rows


def record(made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The site's record: ``observed``, as it is the controller that looks, and without a look at a host."""
    blank = findings.record(SITE, attributes={"kinds": [], "groups": []}, findings=made)
    return {**blank, "observed": True}
