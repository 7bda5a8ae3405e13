# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about the site as a whole, which no host can be asked: its registers, ledger, chain and scope.

They stand in ``site.json``, in the shape of a host's record, and count like those of hosts. Their controls are data:
catalog/evidence_controls.yml, and one for each activity of catalog/periodicity.yml.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import findings, verify_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import current
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState

#: What stands where a finding has a host; no host of an inventory is called so.
SITE = "(site)"
ROLE = "evidence"
#: A host whose clock is further from the controller's than this is told by name: its times cannot be compared.
CLOCK_SECONDS = 60


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


def of_registers(judged: Iterable[EntryState], used: Mapping[str, int]) -> list[dict[str, Any]]:
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


def of_scope(classes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whether every host has a class; nothing to say of a site without classes."""
    if not classes["classes"]:
        return []
    missing = classes["unclassified"]
    return [
        site_finding(
            "evidence.classes",
            "hosts",
            "fail" if missing else "pass",
            expected={"unclassified": []},
            observed={"unclassified": missing, "classes": [row["class"] for row in classes["classes"]]},
            source="scope.json",
            reason=f"without a class: {', '.join(missing)}" if missing else None,
        )
    ]


def of_pictures(
    pictures: Collection[str], problem: str | None, records: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Whether the pictures, drawn from the site model while the bundle is sealed, show every host that was audited.

    Nothing to say without a site model, and where nothing was drawn the bundle shows nothing: why stands there.
    """
    if not pictures and problem is None:
        return []
    missing = [str(record["host"]) for record in records if not record["attributes"].get("segment")]
    told = f"in no picture: {', '.join(missing)}" if missing else None
    return [
        site_finding(
            "evidence.diagrams",
            "hosts",
            "not_applicable" if not pictures else "fail" if missing else "pass",
            expected={"missing": []},
            observed={"missing": missing, "drawn": sorted(pictures)},
            source="diagrams/",
            reason=told if pictures else problem,
        )
    ]


def of_clocks(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The hosts whose times cannot be compared; nothing to say where there is none: each look holds its offset."""
    looks = {str(record["host"]): record["look"] for record in records if record["look"]}
    # Off by more than what the round trip itself leaves open.
    off = {
        host: look["clock_offset_seconds"]
        for host, look in looks.items()
        if abs(look["clock_offset_seconds"]) - look["clock_uncertainty_seconds"] > CLOCK_SECONDS
    }
    if not off:
        return []
    told = [f"{host} by {abs(seconds):.0f} s {'ahead' if seconds > 0 else 'behind'}" for host, seconds in off.items()]
    return [
        site_finding(
            "evidence.clocks",
            "hosts",
            "fail",
            expected={"skewed": {}},
            observed={"skewed": off},
            source="hosts/*.json",
            reason=f"clocks differ from the controller's: {', '.join(told)}",
        )
    ]


def of_previous(directory: str | None, previous: str | None) -> list[dict[str, Any]]:
    """Whether the bundle before is whole; nothing to say of the first one."""
    if directory is None or previous is None:
        return []
    problems = verify_bundle.check_bundle(os.path.join(directory, previous))
    return [
        site_finding(
            "evidence.chain",
            "previous",
            "fail" if problems else "pass",
            expected={"problems": []},
            observed={"problems": problems},
            source=previous,
            reason="; ".join(problems) or None,
        )
    ]


def _recurs(row: Mapping[str, Any]) -> dict[str, Any]:
    """Whether an activity of the ledger took place in time, ended well, and is of the site as it stands."""
    wrong, unknown = current.reasons(row), current.unknown(row)
    observed = {key: row[key] for key in ("last_failed", "last", "next_due", "missed_in_a_year")}
    return site_finding(
        f"evidence.{row['activity']}",
        "recurs",
        "fail" if wrong else "not_observed" if unknown else "pass",
        expected={"overdue": False, "last_failed": False, "changed": []},
        observed={"overdue": row["status"] == "overdue", "changed": row.get("changed", []), **observed},
        source="ledger.json",
        reason="; ".join(wrong) or unknown,
    )


def of_ledger(rows: Iterable[Mapping[str, Any]], broken: Mapping[str, str]) -> list[dict[str, Any]]:
    """A finding for every activity that has taken place or is asked for, and one for every record that is no good."""
    made = [_recurs(row) for row in rows if row["status"] != "no_record"]
    for path, reason in broken.items():
        made.append(
            site_finding(
                "evidence.records",
                path,
                "fail",
                expected={"good": True},
                observed={"good": False},
                source=path,
                reason=reason,
            )
        )
    return made


def _recurring(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A control for each activity of the ledger.

    What a person merely attested is no finding's support of a requirement: the attestation names those itself.
    """
    return {
        f"evidence.{row['activity']}": {
            "title": f"{row['title']}: {'every ' + row['every'] if row['every'] else 'when its last record says'}",
            "claims": [] if row["attested"] else row["claims"],
            "pci_dss": [] if row["attested"] else row["pci"],
        }
        for row in rows
    }


def controls(
    stated: Iterable[Mapping[str, Any]],
    made: Sequence[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The controls that these findings belong to, as controls.json holds them.

    stated: those of catalog/evidence_controls.yml. rows: of the ledger.
    """
    known = {str(one["id"]): {key: one[key] for key in ("title", "claims", "pci_dss")} for one in stated}
    found = []
    for name, control in {**known, **_recurring(rows)}.items():
        checks = [
            {"id": one["check"], "aspect": one["aspect"], "probe": "controller"}
            for one in made
            if one["control"] == name
        ]
        if checks:
            found.append({"id": name, "role": ROLE, "kinds": "all", "checks": checks, **control})
    return found


def record(made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The site's record: ``observed``, as it is the controller that looks, and without a look at a host."""
    blank = findings.record(SITE, attributes={"kinds": [], "groups": []}, findings=made)
    return {**blank, "observed": True}
