# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions and attestations, as a client may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import Entry
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import EntryState

from .rules import WITHHELD
from .withhold import Names, Withholder

_WHERE = "exceptions and attestations"


def exceptions(
    rows: Sequence[Mapping[str, Any]], names: Names, records: Iterable[Mapping[str, Any]], withholder: Withholder
) -> list[dict[str, Any]]:
    """The exceptions that touch a host of the pack; of the hosts that they name, those that are there.

    records: of the pack, by which the findings that each accepts are counted anew.
    """
    accepted: dict[str, int] = {}
    for record in records:
        for one in record["findings"]:
            if one.get("exception"):
                accepted[str(one["exception"])] = accepted.get(str(one["exception"]), 0) + 1
    shown = []
    for row in rows:
        asked = [str(host) for host in row["entry"]["hosts"]]
        hosts = ["all"] if "all" in asked else names.among(asked)
        if not hosts or withholder.names_others(str(row["id"])):
            continue
        told = _told({**row, "entry": {**row["entry"], "hosts": hosts}}, row, names, withholder)
        shown.append({**told, "accepted_findings": accepted.get(str(row["id"]), 0)})
    return shown


def attestations(rows: Sequence[Mapping[str, Any]], names: Names, withholder: Withholder) -> list[dict[str, Any]]:
    """The attestations but those that are about other clients alone: they attest nothing of this one."""
    return [
        _told(row, row, names, withholder)
        for row in rows
        if not withholder.names_others(str(row["id"])) and not withholder.about_others(row["entry"])
    ]


def _told(row: Mapping[str, Any], sealed: Mapping[str, Any], names: Names, withholder: Withholder) -> dict[str, Any]:
    """An entry as it may be told. One that is not whole has no signature, by which what is missing could be guessed.

    For the same reason the hash of a file goes with the file's name.
    """
    entry = names.told(withholder.value(row["entry"], _WHERE))
    if entry.get("evidence") == WITHHELD:
        entry["sha256"] = WITHHELD
    whole = entry == sealed["entry"]
    return {
        "id": row["id"],
        "state": row["state"],
        "reason": names.told(withholder.value(row["reason"], _WHERE)),
        # Without the line, which tells how much there is that is not shown.
        "source": withholder.value(str(row["source"]).partition(":")[0], _WHERE),
        "entry": entry,
        "signature": row["signature"] if whole else None,
        "whole": whole,
    }


def judged(rows: Iterable[Mapping[str, Any]]) -> list[EntryState]:
    """The entries as those who judge requirements take them; their states are those of the audit."""
    return [
        EntryState(
            Entry(
                kind=str(row["entry"]["kind"]),
                id=str(row["id"]),
                fields={key: value for key, value in row["entry"].items() if key not in ("kind", "id")},
                source=str(row["source"]),
                folder="",
            ),
            str(row["state"]),
            row["reason"],
        )
        for row in rows
    ]
