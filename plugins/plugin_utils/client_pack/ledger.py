# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger as a client may see it: what took place when, and what was missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .rules import WITHHELD
from .withhold import Names, Withholder

_WHERE = "texts of the ledger"
_ATTESTATION = "attestation "


def ledger(
    sealed: Mapping[str, Any], attested: Collection[str], names: Names, withholder: Withholder
) -> dict[str, Any]:
    """The activities without the summaries and hashes of records, which are about the whole site.

    attested: the ids of the attestations that are shown.
    """
    rows = []
    for row in sealed["activities"]:
        if withholder.names_others(str(row["activity"])) or withholder.names_others(str(row["title"])):
            continue
        occurrences = [_occurrence(one, attested, names) for one in row["occurrences"]]
        rows.append(withholder.value({**row, "occurrences": occurrences}, _WHERE))
    return {"day": sealed["day"], "activities": rows, "records": {}}


def _occurrence(one: Mapping[str, Any], attested: Collection[str], names: Names) -> dict[str, Any]:
    source = str(one["source"])
    said = source.startswith(_ATTESTATION)
    if said and source[len(_ATTESTATION) :] not in attested:
        source = WITHHELD
    return {
        "on": one["on"],
        "source": source,
        "outcome": names.told(one["outcome"]),
        "summary": names.told(one["summary"]) if said and source != WITHHELD else "",
        "due": one["due"],
    }
