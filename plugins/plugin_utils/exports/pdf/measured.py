# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other tests measured, as the PDF shows it: segmentation, the rule review and the negative control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Columns of the matrix side by side on a page, and findings and rules that are printed.
_WIDE = 9
MOST_FINDINGS = 1500
MOST_RULES = 4000
_MOST_PORTS = 24
#: Outcomes of a case of the negative control that need no attention.
HARMLESS = ("seen", "nothing to break")
_SAME = ("measured", "from", "from_address", "to", "to_address", "protocol", "flow", "stopped_by", "note")


@dataclass(frozen=True)
class Slice:
    """Some columns of the matrix: their names, and a list of cells for each row's name."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Mapping[str, Any] | None]]]


@dataclass
class ProbeRow:
    """Tries between two addresses that ended alike: one of them, and their ports."""

    one: Mapping[str, Any]
    numbers: list[int] = field(default_factory=list)

    @property
    def ports(self) -> str:
        """The ports as one text."""
        shown = ", ".join(str(number) for number in self.numbers[:_MOST_PORTS])
        more = len(self.numbers) - _MOST_PORTS
        return f"{shown} and {more} more" if more > 0 else shown


def slices(cells: Sequence[Mapping[str, Any]]) -> Iterator[Slice]:
    """The matrix in parts that fit on a page."""
    rows = list(dict.fromkeys(str(cell["from"]) for cell in cells))
    columns = list(dict.fromkeys(str(cell["to"]) for cell in cells))
    by_pair = {(str(cell["from"]), str(cell["to"])): cell for cell in cells}
    for start in range(0, len(columns), _WIDE):
        part = columns[start : start + _WIDE]
        yield Slice(part, [(row, [by_pair.get((row, column)) for column in part]) for row in rows])


def tried(findings: Sequence[Mapping[str, Any]]) -> list[ProbeRow]:
    """The tries that did not end as intended, those of a pair of addresses together."""
    made: dict[tuple[Any, ...], ProbeRow] = {}
    for one in findings:
        row = made.setdefault((*one["pair"], *(one[name] for name in _SAME)), ProbeRow(one))
        if one["port"]:
            row.numbers.append(one["port"])
    return list(made.values())


def rules(review: Mapping[str, Any], most: int = MOST_RULES) -> tuple[list[tuple[Mapping[str, Any], Any]], int]:
    """The hosts of a review with the rules that are printed, those to look at first, and how many are left out."""
    shown, left_out, left = [], 0, most
    for host in review["hosts"]:
        mine = sorted(host["rules"], key=lambda rule: (not rule["marks"], bool(rule["own"])))
        shown.append((host, mine[:left]))
        left_out += len(mine[left:])
        left -= len(mine[:left])
    return shown, left_out


@dataclass
class Proven:
    """A check of the negative control: where it was, and which cases turned it red, or why none did."""

    check: str
    hosts: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def proven(checks: Sequence[Mapping[str, Any]]) -> list[Proven]:
    """The checks of all hosts by their ids; those that were not proven to fail come first."""
    made: dict[str, Proven] = {}
    for one in checks:
        row = made.setdefault(str(one["check"]), Proven(str(one["check"])))
        row.hosts.append(str(one["host"]))
        row.cases += [case for case in one["seen_by"] if case not in row.cases]
        row.reasons += [one["reason"]] if one["reason"] and one["reason"] not in row.reasons else []
    return sorted(made.values(), key=lambda row: (bool(row.cases), row.check))
