# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units a test run takes: all that changed, then those with the oldest records, as far as the time goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tools.selection.records import Record
from tools.selection.suites import NEWSITE, SITE, SUITES
from tools.selection.units import MACHINE, SITES, Inputs

#: How many role scenarios run at once, each testing its hosts beside each other, and how much faster than one after the
#: other that makes them. With more of them two cores are not used better, and what is timed is late.
WORKERS = 2
_GAIN = 1.8
#: What a whole site takes with only the roles that units bring to it, of what it takes with every role: at least, and
#: more for each unit.
_BROUGHT, _EACH = 0.4, 0.1
#: A machine may be slower than the one of the record.
_RESERVE = 1.25
#: How many changed inputs are named.
_NAMED = 3


@dataclass
class Choice:
    """The units that run and those that do not, in their order, each with the reason, a sentence."""

    runs: dict[str, str] = field(default_factory=dict)
    rests: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """As text, one line a unit."""
        width = max(map(len, (*self.runs, *self.rests)), default=0)
        return [f"runs  {unit:<{width}}  {why}" for unit, why in self.runs.items()] + [
            f"rests {unit:<{width}}  {why}" for unit, why in self.rests.items()
        ]


def expected(units: Collection[str], records: Mapping[str, Record]) -> float:
    """How many seconds a run of these units takes, by their records; what has none counts as the longest of all."""

    def of(unit: str) -> float:
        known = [
            float(record.run["seconds"]) for record in records.values() if record.unit == unit or unit not in records
        ]
        return max(known, default=0.0)

    roles = [of(unit) for unit in units if unit not in (*SITES, *SUITES, MACHINE)]
    longest = max(roles, default=0.0)
    suites = [unit for unit in units if unit in SUITES]

    def part(site: str, bringing: int) -> float:
        """Of the seconds of a site's unit those that it takes now; some only to bring roles to its hosts."""
        return 1.0 if site in units else min(1.0, _BROUGHT + _EACH * bringing) if bringing else 0.0

    # Both sites run side by side.
    demo = part(SITE, len(roles) + len(suites)) * of(SITE) + sum(map(of, suites))
    sites = max(demo, part(NEWSITE, len(roles)) * of(NEWSITE))
    machine = of(MACHINE) if MACHINE in units else 0.0
    return (max(longest, sum(roles) / _GAIN) + sites + machine) * _RESERVE


def choose(inputs: Mapping[str, Inputs], records: Mapping[str, Record], seconds: float | None) -> Choice:
    """Choose among units, whose inputs these are now.

    seconds: the time there is for units that did not change; None: all units run.
    """
    choice = Choice()
    unchanged = []
    for unit, now in inputs.items():
        record = records.get(unit)
        if record is None:
            choice.runs[unit] = "it has no record"
        elif changed := now.changed_since(record.inputs):
            choice.runs[unit] = f"changed since {_when(record)}: {_some(changed)}"
        elif seconds is None:
            choice.runs[unit] = f"all units were asked for; unchanged since {_when(record)}"
        else:
            unchanged.append(record)
    for record in sorted(unchanged, key=lambda one: str(one.run["finished"])):
        if seconds is not None and expected([*choice.runs, record.unit], records) <= seconds:
            choice.runs[record.unit] = f"unchanged, and its record is among the oldest: {_when(record)}"
        else:
            choice.rests[record.unit] = f"all it uses is as it was when {record.tests} tests passed, {_when(record)}"
    order = list(inputs)
    return Choice(
        {unit: choice.runs[unit] for unit in order if unit in choice.runs},
        {unit: choice.rests[unit] for unit in order if unit in choice.rests},
    )


def _when(record: Record) -> str:
    return f"{record.run['finished']} at {str(record.run['commit'])[:12]}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
