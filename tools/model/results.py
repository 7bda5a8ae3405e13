# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the recorded test runs saw pass, all records of ``tests/results`` together, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.repository import Repository
from tools.selection.records import Record, load

#: A test is known by its kind (behaviour, tamper) and its id.
Key = tuple[str, str]


@dataclass(frozen=True)
class Results:
    """Which outcomes each test had on each release, and when the record that holds it was made (UTC)."""

    outcomes: Mapping[tuple[Key, str], frozenset[str]]
    finished: Mapping[Key, str]

    @property
    def releases(self) -> list[str]:
        """The releases that any test was seen on."""
        return sorted({release for _key, release in self.outcomes})

    def ran(self, test: Key, release: str = "") -> bool:
        """Whether a record holds this test, on this release where one is given."""
        return (test, release) in self.outcomes if release else test in self.finished

    def passed(self, test: Key, release: str) -> bool:
        """Whether this test ran on this release and passed each time."""
        return self.outcomes.get((test, release)) == frozenset({"passed"})

    def oldest(self, tests: Iterable[Key]) -> str:
        """The day of the oldest record that holds one of these tests; empty where none does."""
        return min((self.finished[key][:10] for key in tests if key in self.finished), default="")


def together(records: Iterable[Record]) -> Results:
    """The records as one."""
    outcomes: dict[tuple[Key, str], frozenset[str]] = {}
    finished: dict[Key, str] = {}
    for record in records:
        when = str(record.run["finished"])
        for result in record.results:
            key = (result["kind"], result["id"])
            finished[key] = min(when, finished.get(key, when))
            if result["release"]:
                place = (key, result["release"])
                outcomes[place] = outcomes.get(place, frozenset()) | {result["outcome"]}
    return Results(outcomes, finished)


def recorded(repository: Repository) -> Results:
    """What is recorded in a checkout. ValueError for a file that is no record, or was edited."""
    return together(load(repository).values())
