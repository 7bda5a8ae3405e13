# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the record of the last full test run from .cache/results to where it is kept under version control.

Run after a full ``make test``: ``make claims`` in a fresh checkout reads the copy.
"""

from __future__ import annotations

import json
import sys

from tools.model.results import COMMITTED, FOLDER, Run, full_run_here
from tools.repository import Repository


def as_record(run: Run) -> str:
    """A run, all of its suites together, as the text of one record; one line a result, for a readable diff."""
    results = [
        {"kind": kind, "id": identity, "release": release, "outcome": outcome}
        for ((kind, identity), release), outcomes in sorted(run.outcomes.items())
        for outcome in sorted(outcomes)
    ]
    about = json.dumps({"id": run.id, "commit": run.commit, "finished": run.finished, "full": True})
    lines = ",\n".join(f"  {json.dumps(result)}" for result in results)
    return f'{{\n"run": {about},\n"results": [\n{lines}\n]\n}}\n'


def main(repository: Repository | None = None) -> int:
    """Write the copy; returns the exit status, 1 when there is no full run to copy."""
    tree = repository or Repository()
    run = full_run_here(tree)
    if run is None:
        print(f"no full test run is recorded in {tree.cache / FOLDER}: run `make test`", file=sys.stderr)
        return 1
    path = tree.root / COMMITTED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_record(run), encoding="utf-8")
    print(f"{COMMITTED}: run {run.id} of commit {run.commit}, {len(run.outcomes)} results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
