# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the seconds of the last test run went: what tests/support/seconds.py noted, as a table, the slowest first.

``python -m tools.slowest`` prints it whole; ``make test`` ends with the slowest phases of it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.support.seconds import read
from tools.repository import Repository

PLACE = "seconds.jsonl"
#: What takes time by itself: a step is made of these, but for the unit and integration tests, which are a phase each.
PHASES = ("gate", "playbook", "unit tests", "integration tests")
KINDS = ("step", *PHASES[:2], "test")


def numbered(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines in their order, a playbook that a scenario ran before with how many times: the second converge."""
    times: Counter[tuple[str, str]] = Counter()
    told = []
    for line in lines:
        place = (line["scenario"], line["name"])
        times[place] += line["kind"] == "playbook"
        told.append({**line, "name": f"{line['name']} ({times[place]})"} if times[place] > 1 else line)
    return told


def phases(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are phases, the slowest first."""
    found = [line for line in lines if line["kind"] in PHASES or line["name"] in PHASES]
    return sorted(found, key=lambda line: -line["seconds"])


def table(lines: Iterable[dict[str, Any]]) -> list[str]:
    """A text line each: seconds, the processor's seconds where they are known, and what it was."""
    return [
        f"{line['seconds']:8.1f} s  {'' if line['cpu'] is None else format(line['cpu'], '.1f') + ' s':>9}  "
        + " ".join(word for word in (line["kind"], line["scenario"], line["name"]) if word)
        for line in lines
    ]


def main(argv: Sequence[str] | None = None, repository: Repository | None = None) -> int:
    """Print the table of one kind or of all, the slowest first; 1 where no run has been noted."""
    parser = argparse.ArgumentParser(prog="python -m tools.slowest", description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, help="only these")
    args = parser.parse_args(argv)
    path: Path = (repository or Repository()).cache / PLACE
    lines = numbered(read(path))
    if not lines:
        print(f"no run has been noted in {path}: run `make test`", file=sys.stderr)
        return 1
    chosen = [line for line in lines if args.kind in (None, line["kind"])]
    print(" seconds      processor  what")
    print("\n".join(table(sorted(chosen, key=lambda line: -line["seconds"]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
