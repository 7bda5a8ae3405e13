# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make claims``: which claim is kept by which controls, proven by which tests, on which releases.

Nothing here is typed in by hand: controls come from meta/controls.yml and, for what the audit itself promises, from
catalog/evidence_controls.yml; tests from their marks, tamper cases through the control that they break, and the
releases from the records of the test runs, with the day of the oldest one that a claim's proof stands on. A claim is
proven by its parts; ``tools/model/proofs.py`` says when. For each release the last column says that it is proven, or
which parts are not shown there, which of them no test shows yet, and what else did not pass.

A claim of the kind attestation is kept by people and proven by nobody but them. Its row has the control that keeps
track of what they sign: the tests and tamper cases show that an unsigned, expired, unknown or changed statement is
red, and the last column says where that was seen.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from dataclasses import asdict, dataclass, field
from itertools import zip_longest

import yaml

from tools.model.catalog import ATTESTATION, claims
from tools.model.controls import all_controls
from tools.model.markers import UnreadableMark, behaviour_tests
from tools.model.proofs import Evidence
from tools.model.results import Results, recorded
from tools.model.tampers import tampers
from tools.repository import Repository

#: Of the text, in characters; and what is between its columns.
WIDTH, GAP = 140, "  "


@dataclass(frozen=True)
class Row:
    """One claim with everything that keeps and proves it; the keys of the JSON output.

    parts: release -> part -> ``proven``, ``missing``, or ``no test`` where none is written yet. not_passed: release ->
    what else stands in the way of a proof.
    """

    claim: str
    kind: str
    controls: list[str]
    roles: list[str]
    behaviour_tests: list[str]
    tamper_cases: list[str]
    proven_on: list[str]
    proven_since: str
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    not_passed: dict[str, list[str]] = field(default_factory=dict)


def rows(repository: Repository, results: Results) -> list[Row]:
    """A row for every claim of the catalogue, in its order."""
    controls, tests, cases = all_controls(repository), behaviour_tests(repository), tampers(repository)
    table = []
    for claim in claims(repository):
        serving = [control for control in controls if claim.id in control.claims or claim.kind == control.tracks]
        names = [control.id for control in serving]
        evidence = Evidence(
            claim,
            [test for test in tests if claim.id in test.claims],
            [case for case in cases if case.control in names],
        )
        seen = {release: evidence.on(release, results) for release in results.releases}
        releases = [release for release, proof in seen.items() if proof.complete]
        table.append(
            Row(
                claim=claim.id,
                kind=claim.kind,
                controls=names,
                roles=list(dict.fromkeys(control.role for control in serving)),
                behaviour_tests=[test.id for test in evidence.tests],
                tamper_cases=[case.id for case in evidence.cases],
                proven_on=releases,
                proven_since=results.oldest(evidence.keys) if releases else "",
                parts={release: _words(proof.parts, evidence) for release, proof in seen.items() if proof.parts},
                not_passed={release: proof.not_passed for release, proof in seen.items() if proof.not_passed},
            )
        )
    return table


def _words(parts: dict[str, bool], evidence: Evidence) -> dict[str, str]:
    marked = {mark.removeprefix(f"{evidence.claim.id}.") for test in evidence.tests for mark in test.proofs}
    unseen = {part: "missing" if part in marked else "no test" for part in parts}
    return {part: "proven" if shown else unseen[part] for part, shown in parts.items()}


def as_json(table: list[Row]) -> str:
    """The table as a JSON list of objects."""
    return json.dumps([asdict(row) for row in table], indent=2)


def _on(row: Row, release: str) -> str:
    """What was seen of a claim on one release."""
    if release in row.proven_on:
        return f"proven ({row.proven_since})"
    words = row.parts.get(release, {})
    missing = [part for part, word in words.items() if word == "missing"]
    missing += [what.rsplit("::", maxsplit=1)[-1] for what in row.not_passed.get(release, [])]
    untested = [part for part, word in words.items() if word == "no test"]
    said = {"missing": missing, "no test yet shows": untested}
    return "; ".join(f"{word} {', '.join(names)}" for word, names in said.items() if names)


def _proof(row: Row) -> list[str]:
    """The last column: a text for all releases of which the same is to be said."""
    if row.kind == ATTESTATION:
        where = f"; register checked on {', '.join(row.proven_on)} ({row.proven_since})" if row.proven_on else ""
        return [f"a person's attestation{where}"]
    said: dict[str, list[str]] = {}
    # Of a claim that no test is of yet there is nothing to tell.
    for release in row.parts if row.behaviour_tests else []:
        said.setdefault(_on(row, release), []).append(release)
    return [f"{', '.join(releases)} {text}" for text, releases in said.items()] or ["-"]


def _columns(row: Row) -> list[list[str]]:
    """A row's columns, each with its lines; of tests and cases it has the number, their ids are in the JSON."""
    tests, cases = len(row.behaviour_tests), len(row.tamper_cases)
    return [[row.claim], [row.kind], [str(tests or "-")], [str(cases or "-")], row.controls or ["-"], _proof(row)]


def _wrapped(texts: list[str], room: int) -> list[str]:
    return [
        line for text in texts for line in textwrap.wrap(text, room, subsequent_indent="  ", break_on_hyphens=False)
    ]


def as_text(table: list[Row]) -> str:
    """The table for a reader, with a closing line on what it stands on."""
    head = [["claim"], ["kind"], ["tests"], ["cases"], ["controls"], ["proven by its parts on"]]
    columns = [head, *(_columns(row) for row in table)]
    widths = [max(len(line) for row in columns for line in row[column]) for column in range(len(head) - 1)]
    room = WIDTH - sum(width + len(GAP) for width in widths)
    text = []
    for *others, proof in columns:
        for *cells, last in zip_longest(*others, _wrapped(proof, room), fillvalue=""):
            text.append(GAP.join([*(cell.ljust(width) for cell, width in zip(cells, widths)), last]).rstrip())
    technical = [row for row in table if row.kind != ATTESTATION]
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
