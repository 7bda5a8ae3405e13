# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the findings say about requirements and claims. Evidence supports or does not support: an assessor decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import Catalog
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count

#: In the order of a reader's attention; the texts that a reader sees.
EVIDENCE = {
    "does_not_support": "Evidence does not support",
    "partly_observed": "Partly observed",
    "not_observed": "Not observed",
    "supports": "Evidence supports",
    "not_covered": "Not covered",
}


def evidence(counts: Mapping[str, int]) -> str:
    """One word of EVIDENCE for the findings of all controls that serve a requirement or a claim.

    An exception that is in force accepts a failure: it is no evidence that the control holds.
    """
    if counts["fail"] or counts["excepted"]:
        return "does_not_support"
    if counts["error"] or counts["not_observed"]:
        return "partly_observed" if counts["pass"] else "not_observed"
    return "supports" if counts["pass"] else "not_covered"


def _note(row: Mapping[str, Any], word: str, controls: Sequence[str], counts: Mapping[str, int]) -> str:
    procedure = row.get("technical") == "no" or row.get("kind") == "attestation"
    if not controls:
        if procedure:
            return "A procedure of people: no software can observe it."
        return "No control of the audited roles serves it yet."
    if word == "not_covered":
        return "Not applicable on every host observed." if any(counts.values()) else "No host keeps these controls."
    if row.get("technical") == "partly" or row.get("kind") == "mixed":
        return "The technical part only; the rest is a procedure."
    return ""


def _rows(
    catalog_rows: Iterable[Mapping[str, Any]],
    controls: Sequence[Mapping[str, Any]],
    served: Callable[[Mapping[str, Any]], Sequence[str]],
    by_control: Mapping[str, list[Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    rows = []
    for row in catalog_rows:
        mine = [str(control["id"]) for control in controls if row["id"] in served(control)]
        counts = count(one for name in mine for one in by_control.get(name, []))
        word = evidence(counts)
        rows.append(
            {**row, "evidence": word, "controls": mine, "counts": counts, "note": _note(row, word, mine, counts)}
        )
    return rows


def _by_control(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        for one in record["findings"]:
            grouped.setdefault(str(one.get("control")), []).append(one)
    return grouped


def judge(
    catalog: Catalog, controls: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The catalogue's requirements and claims with ``evidence``, ``controls``, ``counts`` and ``note`` each."""
    by_control = _by_control(records)
    return (
        _rows(catalog.requirements, controls, lambda control: control["pci_dss"], by_control),
        _rows(catalog.claims, controls, lambda control: control["claims"], by_control),
    )
