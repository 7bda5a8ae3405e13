# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger as a client may see it: what took place when, and what was missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import book, current
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.sources import Found

from .withhold import Names, Withholder

_WHERE = "the ledger"
_ATTESTATION = "attestation "


def ledger(
    sealed: Mapping[str, Any], attested: Collection[str], names: Names, withholder: Withholder
) -> dict[str, Any]:
    """The activities without the summaries and hashes of records, which are about the whole site.

    What took place for other clients alone did not take place for this one: such activities are put together anew.
    attested: the ids of the attestations that are shown.
    """
    rows = []
    for row in sealed["activities"]:
        if withholder.names_others(str(row["activity"])) or withholder.names_others(str(row["title"])):
            continue
        kept = [one for one in row["occurrences"] if _is_told(one, attested, withholder)]
        told = row if len(kept) == len(row["occurrences"]) else _anew(row, kept, str(sealed["day"]))
        occurrences = [_occurrence(one, names) for one in told["occurrences"]]
        rows.append(withholder.value({**told, "occurrences": occurrences}, _WHERE))
    return {"day": sealed["day"], "activities": rows, "records": {}}


def _is_told(one: Mapping[str, Any], attested: Collection[str], withholder: Withholder) -> bool:
    """Whether it took place for this client too, as far as is said."""
    source = str(one["source"])
    if source.startswith(_ATTESTATION):
        return source[len(_ATTESTATION) :] in attested
    return not withholder.about_others(one["summary"])


def _anew(row: Mapping[str, Any], kept: list[Mapping[str, Any]], day: str) -> dict[str, Any]:
    """The row of an activity over some of its occurrences."""
    activity = {
        "id": row["activity"],
        "title": row["title"],
        "every": row["at_least_every"],
        "pci": row["pci"],
        "claims": row["claims"],
    }
    asked = {key: str(row[key]) for key in ("every", "since") if row[key]}
    found = Found({str(row["activity"]): [dict(one) for one in kept]})
    made = book.build([activity], {str(row["activity"]): asked}, found, day)[0]
    return current.marked(made, row.get("changed", []))


def _occurrence(one: Mapping[str, Any], names: Names) -> dict[str, Any]:
    said = str(one["source"]).startswith(_ATTESTATION)
    return {
        "on": one["on"],
        "source": one["source"],
        "outcome": names.told(one["outcome"]),
        "summary": names.told(one["summary"]) if said else "",
        "due": one["due"],
    }
