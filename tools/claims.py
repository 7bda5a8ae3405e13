# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make claims``: which claim is kept by which controls, proven by which tests, on which releases.

Nothing here is typed in by hand: controls come from meta/controls.yml and, for what the audit itself promises, from
catalog/evidence_controls.yml; tests from their marks, tamper cases through the control that they break, and the
releases from the records of the test runs, with the day of the oldest one that a claim's proof stands on.

A claim of the kind attestation is kept by people and proven by nobody but them. Its row has the control that keeps
track of what they sign: the tests and tamper cases show that an unsigned, expired, unknown or changed statement is
red, and the last column says where that was seen.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

import yaml

from tools.model.catalog import claims
from tools.model.controls import all_controls
from tools.model.markers import UnreadableMark, behaviour_tests
from tools.model.results import Results, recorded
from tools.model.tampers import tampers
from tools.repository import Repository


@dataclass(frozen=True)
class Row:
    """One claim with everything that keeps and proves it; the keys of the JSON output."""

    claim: str
    kind: str
    controls: list[str]
    roles: list[str]
    behaviour_tests: list[str]
    tamper_cases: list[str]
    proven_on: list[str]
    proven_since: str


def rows(repository: Repository, results: Results) -> list[Row]:
    """A row for every claim of the catalogue, in its order."""
    controls, tests, cases = all_controls(repository), behaviour_tests(repository), tampers(repository)
    table = []
    for claim in claims(repository):
        serving = [control for control in controls if claim.id in control.claims or claim.kind == control.tracks]
        names = [control.id for control in serving]
        proofs = [test.id for test in tests if claim.id in test.claims]
        breaks = [case.id for case in cases if case.control in names]
        keys = [("behaviour", name) for name in proofs] + [("tamper", name) for name in breaks]
        # A tamper case shows that the audit sees a break; that the promise is kept, only behaviour shows.
        releases = results.proven_on(keys) if proofs else []
        table.append(
            Row(
                claim=claim.id,
                kind=claim.kind,
                controls=names,
                roles=list(dict.fromkeys(control.role for control in serving)),
                behaviour_tests=proofs,
                tamper_cases=breaks,
                proven_on=releases,
                proven_since=results.oldest(keys) if releases else "",
            )
        )
    return table


def as_json(table: list[Row]) -> str:
    """The table as a JSON list of objects."""
    return json.dumps([asdict(row) for row in table], indent=2)


def _proof(row: Row) -> str:
    where = f"{', '.join(row.proven_on)} ({row.proven_since})" if row.proven_on else "-"
    if row.kind != "attestation":
        return where
    return f"a person's attestation; register checked on {where}" if row.proven_on else "a person's attestation"


def _lines(row: Row) -> list[list[str]]:
    """A row's cells, one control a line; of the tests it has the number, their ids are in the JSON."""
    first, *more = row.controls or ["-"]
    cells = [
        row.claim,
        row.kind,
        first,
        ", ".join(row.roles) or "-",
        str(len(row.behaviour_tests) or "-"),
        str(len(row.tamper_cases) or "-"),
        _proof(row),
    ]
    return [cells, *(["", "", control, "", "", "", ""] for control in more)]


def as_text(table: list[Row]) -> str:
    """The table for a reader, with a closing line on what it stands on."""
    head = ["claim", "kind", "controls", "roles", "behaviour tests", "tamper cases", "proven on"]
    lines = [head, *(line for row in table for line in _lines(row))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    technical = [row for row in table if row.kind != "attestation"]
    proven = sum(bool(row.proven_on) for row in technical)
    tracked = len(table) - len(technical)
    said = f"{proven} of {len(technical)} claims are proven on at least one release."
    if tracked:
        said += f" {tracked} more are procedures of people: what they sign is tracked, not proven."
    days = [row.proven_since for row in table if row.proven_since]
    said += f" The oldest record in use is of {min(days)}." if days else " No test run is recorded in tests/results."
    return "\n".join([*text, "", said])


def main(arguments: list[str] | None = None, repository: Repository | None = None) -> int:
    """Print the table; returns the exit status, 1 when a source of it can't be read."""
    parser = argparse.ArgumentParser(prog="python -m tools.claims", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    tree = repository or Repository()
    try:
        table = rows(tree, recorded(tree))
    except (OSError, ValueError, SyntaxError, yaml.YAMLError, UnreadableMark) as problem:
        print(f"claims: {problem}", file=sys.stderr)
        return 1
    print(as_json(table) if options.format == "json" else as_text(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
