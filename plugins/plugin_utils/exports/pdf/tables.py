# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of the PDF hold: requirements by section, controls, hosts, and the numbers of the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf.open_findings import OPEN
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count, worst
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

#: What the sections are about, in our words.
_SECTIONS = {
    "1": "Networks and their firewalls",
    "2": "Settings and vendors' defaults",
    "3": "Account data that is kept",
    "4": "Account data on the way",
    "5": "Malware",
    "6": "Software: development, changes, patches",
    "7": "Who may do what",
    "8": "Who somebody is: accounts and logins",
    "9": "Doors, paper and devices",
    "10": "Logs and who reads them",
    "11": "Tests of networks and systems",
    "12": "Policies, people and partners",
    "A1": "Providers with many customers",
    "A2": "Terminals with old TLS",
}


@dataclass(frozen=True)
class Section:
    """The requirements of a section of the standard."""

    number: str
    title: str
    rows: Sequence[Mapping[str, Any]]
    words: Mapping[str, int]


@dataclass(frozen=True)
class ControlRow:
    """A control with the number of its findings by status and of the hosts that have any."""

    control: Mapping[str, Any]
    counts: Mapping[str, int]
    hosts: int

    @property
    def worst(self) -> str:
        """The status that deserves attention most."""
        return str(worst(status for status in STATUSES if self.counts[status]) or "not_applicable")

    @property
    def open(self) -> int:
        """How many of its findings are not settled."""
        return sum(self.counts[status] for status in OPEN)


@dataclass(frozen=True)
class HostRow:
    """A host's record with the number of its findings by status, and whether the auditor drew it."""

    record: Mapping[str, Any]
    counts: Mapping[str, int]
    drawn: bool

    @property
    def open(self) -> int:
        """How many of its findings are not settled."""
        return sum(self.counts[status] for status in OPEN)


def evidence_words(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many requirements or claims have each word of evidence; every word is there."""
    seen = Counter(str(row["evidence"]) for row in rows)
    return {word: seen.get(word, 0) for word in EVIDENCE}


def sections(sealed: SealedBundle) -> list[Section]:
    """The requirements by the first part of their ids."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in sealed.requirements:
        grouped.setdefault(str(row["id"]).partition(".")[0], []).append(row)
    return [Section(number, _SECTIONS.get(number, ""), rows, evidence_words(rows)) for number, rows in grouped.items()]


def controls(sealed: SealedBundle) -> list[ControlRow]:
    """Every control, and every other one that only a finding names."""
    found: dict[str, list[Mapping[str, Any]]] = {str(control["id"]): [] for control in sealed.controls}
    hosts: dict[str, set[str]] = {}
    for record, one in sealed.findings():
        found.setdefault(str(one["control"]), []).append(one)
        hosts.setdefault(str(one["control"]), set()).add(str(record["host"]))
    known = sealed.control_by_id
    return [
        ControlRow(
            known.get(name, {"id": name, "role": mine[0]["role"] if mine else "", "title": "", "pci_dss": []}),
            count(mine),
            len(hosts.get(name, ())),
        )
        for name, mine in found.items()
    ]


def hosts(sealed: SealedBundle) -> list[HostRow]:
    """Every host of the inventory."""
    drawn = {str(name) for kind in sealed.sample["kinds"] for name in kind["drawn"]}
    return [HostRow(record, count(record["findings"]), str(record["host"]) in drawn) for record in sealed.hosts]
