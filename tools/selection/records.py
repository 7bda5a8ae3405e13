# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of the last run of each unit that passed on a clean tree: ``tests/results/UNIT.json``.

A record says when, at which commit, on which machine and with how many tests; every outcome, for ``make claims``; and
the inputs (``units.Inputs``), so that a change can be named. ``digest`` is over all of it: what a person edits is
refused.
It is no signature, as whoever can run the tests can also write a record: the commit that it names is asked as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.repository import Repository
from tools.selection.units import Inputs

FOLDER = "tests/results"
_KEYS = {"unit", "run", "tests", "results", "files", "parts", "digest"}
_RUN = {"id", "commit", "finished", "seconds", "machine"}
RESULT = ("kind", "id", "release", "outcome")
PASSED = ("passed", "skipped")


@dataclass(frozen=True)
class Record:
    """One of them.

    run: ``id``, ``commit`` (full), ``finished`` (UTC), ``seconds`` (of the unit alone) and ``machine`` (what it runs).
    results: ``kind``, ``id``, ``release``, ``outcome`` of each test, or ``releases`` that it saw.
    """

    unit: str
    run: Mapping[str, Any]
    tests: int
    results: tuple[Mapping[str, str], ...]
    inputs: Inputs

    @property
    def place(self) -> str:
        """Its file."""
        return f"{FOLDER}/{self.unit}.json"

    def text(self) -> str:
        """The file's text: one line a result and an input, for a difference that can be read."""
        head = {"unit": self.unit, "run": dict(self.run), "tests": self.tests}
        lines = [f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in head.items()]
        lines.append('"results": [\n' + ",\n".join(f" {json.dumps(one)}" for one in self.results) + "\n]")
        for key, found in (("files", self.inputs.files), ("parts", self.inputs.parts)):
            inner = ",\n".join(f" {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
            lines.append(f"{json.dumps(key)}: {{\n{inner}\n}}")
        lines.append(f'"digest": {json.dumps(digest(self))}')
        return "{\n" + ",\n".join(lines) + "\n}\n"


def digest(record: Record) -> str:
    """The hash over all that a record says."""
    said = {
        "unit": record.unit,
        "run": dict(record.run),
        "tests": record.tests,
        "results": [dict(one) for one in record.results],
        "files": dict(record.inputs.files),
        "parts": dict(record.inputs.parts),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def parse(name: str, text: str) -> Record:
    """A record from its file's text. ValueError, which names the file, where it is none or was edited."""
    try:
        data = json.loads(text)
        if set(data) != _KEYS or set(data["run"]) != _RUN:
            raise ValueError(f"its keys are {', '.join(sorted(data))}")
        results = tuple({key: str(one[key]) for key in RESULT} for one in data["results"])
        record = Record(data["unit"], data["run"], data["tests"], results, Inputs(data["files"], data["parts"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"{name} is no record of a test run: {problem}") from problem
    if record.place != name:
        raise ValueError(f"{name} is the record of {record.unit}, which belongs in {record.place}")
    if digest(record) != data["digest"]:
        raise ValueError(f"{name} was edited: its digest is not that of what it says. Run `make test` anew")
    bad = sorted({one["id"] for one in results if one["outcome"] not in PASSED})
    if bad or not results or not isinstance(record.tests, int) or record.tests < 1:
        raise ValueError(f"{name} is the record of a run that did not pass: {', '.join(bad) or 'no test ran'}")
    return record


def load(repository: Repository) -> dict[str, Record]:
    """Unit -> its record, of all that there are. ValueError as in :func:`parse`."""
    found = [parse(name, repository.text(name)) for name in repository.files(f"{FOLDER}/*.json")]
    return {record.unit: record for record in found}


def write(repository: Repository, records: Iterable[Record]) -> list[str]:
    """Write the files of records; their names."""
    names = []
    for record in records:
        path = repository.root / record.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(record.text(), encoding="utf-8")
        names.append(record.place)
    return names
