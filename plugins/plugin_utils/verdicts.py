# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the findings say about requirements and claims. Evidence supports or does not support: an assessor decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import Catalog
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState

#: In the order of a reader's attention; the texts that a reader sees.
EVIDENCE = {
    "does_not_support": "Evidence does not support",
    "expired": "Attestation expired",
    "partly_observed": "Partly observed",
    "not_observed": "Not observed",
    "attested": "Attested",
    "supports": "Evidence supports",
    "not_covered": "Not covered",
}

_SAID = {
    "attested": "A person states it; no finding does.",
    "expired": "What people attested about it is out of date.",
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


def _is_procedure(row: Mapping[str, Any]) -> bool:
    """Whether only people can keep it."""
    return row.get("technical") == "no" or row.get("kind") == "attestation"


def _is_partly(row: Mapping[str, Any]) -> bool:
    """Whether a part of it is a procedure of people."""
    return row.get("technical") == "partly" or row.get("kind") == "mixed"


def with_attestations(word: str, row: Mapping[str, Any], states: Iterable[str]) -> str:
    """The word for a row about which people attest: what was seen to fail, or was not seen, stays as it is.

    word: what the findings alone say. states: of the attestations that name the row. One in force counts where
    no finding speaks; where the last has expired, what people alone can keep is no longer shown. That a record of what
    recurs is there in time does not support a claim that only people can keep.
    """
    known = set(states)
    if word == "supports" and row.get("kind") == "attestation":
        word = "not_covered"
    if word not in ("supports", "not_covered") or known.isdisjoint(("in_force", "expired")):
        return word
    if "in_force" in known:
        return "attested" if word == "not_covered" else word
    return "expired" if word == "not_covered" or _is_partly(row) else word


def _why_not_covered(counts: Mapping[str, int]) -> str:
    """Why controls that there are say nothing of a row."""
    if counts["pass"]:
        return "What recurs took place in time; that all of it is kept, only people can state."
    return "Not applicable on every host observed." if any(counts.values()) else "No host keeps these controls."


def _note(
    row: Mapping[str, Any], word: str, controls: Sequence[str], counts: Mapping[str, int], states: Sequence[str]
) -> str:
    if word in _SAID:
        return _SAID[word]
    if not controls:
        if _is_procedure(row):
            return "A procedure of people: no software can observe it."
        return "No control of the audited roles serves it yet."
    if word == "not_covered":
        return _why_not_covered(counts)
    if not _is_partly(row):
        return ""
    rest = "is attested" if "in_force" in states else "is a procedure"
    return f"The technical part only; the rest {rest}."


def _rows(
    catalog_rows: Iterable[Mapping[str, Any]],
    controls: Sequence[Mapping[str, Any]],
    served: Callable[[Mapping[str, Any]], Sequence[str]],
    by_control: Mapping[str, list[Mapping[str, Any]]],
    attested: Mapping[str, list[EntryState]],
) -> list[dict[str, Any]]:
    rows = []
    for row in catalog_rows:
        mine = [str(control["id"]) for control in controls if row["id"] in served(control)]
        counts = count(one for name in mine for one in by_control.get(name, []))
        said = attested.get(str(row["id"]), [])
        states = [one.state for one in said]
        word = with_attestations(evidence(counts), row, states)
        rows.append(
            {
                **row,
                "evidence": word,
                "controls": mine,
                "counts": counts,
                "attestations": [one.entry.id for one in said],
                "note": _note(row, word, mine, counts, states),
            }
        )
    return rows


def _naming(attestations: Iterable[EntryState], key: str) -> dict[str, list[EntryState]]:
    """The attestations by the ids that they name under a key."""
    grouped: dict[str, list[EntryState]] = {}
    for one in attestations:
        for name in one.entry.fields.get(key, []):
            grouped.setdefault(name, []).append(one)
    return grouped


def _by_control(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        for one in record["findings"]:
            grouped.setdefault(str(one.get("control")), []).append(one)
    return grouped


def judge(
    catalog: Catalog,
    controls: Sequence[Mapping[str, Any]],
    records: Sequence[Mapping[str, Any]],
    attestations: Sequence[EntryState] = (),
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The catalogue's rows with ``evidence``, ``controls``, ``counts``, ``attestations`` and ``note`` each."""
    by_control = _by_control(records)
    return (
        _rows(
            catalog.requirements,
            controls,
            lambda control: control["pci_dss"],
            by_control,
            _naming(attestations, "requirements"),
        ),
        _rows(catalog.claims, controls, lambda control: control["claims"], by_control, _naming(attestations, "claims")),
    )
