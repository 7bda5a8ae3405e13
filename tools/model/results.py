# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded results of test runs.

A record is ``{"run": {"id", "commit", "finished", "full"}, "results": [{"kind", "id", "release", "outcome"}]}``; the
suites of one run write a record each, with the same run id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.repository import Repository

FOLDER = "results"
COMMITTED = "tests/results/last_full_run.json"

#: A test is known by its kind (behaviour, tamper) and its id.
Key = tuple[str, str]


@dataclass(frozen=True)
class Run:
    """The last full run: who it was, and which outcomes each test had on each release."""

    id: str
    commit: str
    finished: str
    outcomes: Mapping[tuple[Key, str], frozenset[str]]

    @property
    def releases(self) -> list[str]:
        """The releases it saw any test on."""
        return sorted({release for _key, release in self.outcomes})

    def proven_on(self, tests: Iterable[Key]) -> list[str]:
        """The releases on which every one of these tests passed each time it ran; none when there are no tests."""
        wanted = list(tests)
        if not wanted:
            return []
        passed = frozenset({"passed"})
        return [
            release for release in self.releases if all(self.outcomes.get((key, release)) == passed for key in wanted)
        ]


def _full_records(texts: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    records = []
    for name, text in texts:
        try:
            record = json.loads(text)
            if record["run"]["full"] is True:
                records.append(record)
        except (ValueError, KeyError, TypeError) as problem:
            raise ValueError(f"{name} is no record of a test run: {type(problem).__name__}: {problem}") from problem
    return records


def merge(records: Iterable[Mapping[str, Any]]) -> Run | None:
    """The newest run of these records, put together from all of its suites; None when there is no record."""
    known = list(records)
    if not known:
        return None
    newest = max(known, key=lambda record: str(record["run"]["finished"]))["run"]
    outcomes: dict[tuple[Key, str], frozenset[str]] = {}
    for record in known:
        if record["run"]["id"] != newest["id"]:
            continue
        for result in record["results"]:
            if result["release"]:
                place = ((str(result["kind"]), str(result["id"])), str(result["release"]))
                outcomes[place] = outcomes.get(place, frozenset()) | {str(result["outcome"])}
    return Run(str(newest["id"]), str(newest["commit"]), str(newest["finished"]), outcomes)


def full_run_here(repository: Repository) -> Run | None:
    """The last full run on this machine, or None. Raises ValueError for a file that is no record."""
    here = sorted((repository.cache / FOLDER).glob("*.json"))
    return merge(_full_records((str(path), path.read_text(encoding="utf-8")) for path in here))


def last_full_run(repository: Repository) -> Run | None:
    """The last full run on this machine, or else the one whose record is committed, or else None.

    Raises ValueError for a file that is no record.
    """
    run = full_run_here(repository)
    committed = repository.root / COMMITTED
    if run is None and committed.is_file():
        run = merge(_full_records([(COMMITTED, committed.read_text(encoding="utf-8"))]))
    return run
