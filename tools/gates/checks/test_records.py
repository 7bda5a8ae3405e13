# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of a test run is as a run wrote it, of a unit that there is, and of what its commit holds."""

from __future__ import annotations

from collections.abc import Mapping

from tools.gates.base import Gate, run
from tools.repository import Repository
from tools.selection.records import FOLDER, Record, parse
from tools.selection.units import Units

_GIT = ("git", "-c", "safe.directory=*")
#: How many wrong inputs are named.
_NAMED = 3


def contents_of(repository: Repository, commit: str) -> Mapping[str, str] | None:
    """File -> git's id of its content at a commit; None where the checkout does not have the commit."""
    done = run([*_GIT, "ls-tree", "-r", commit], folder=repository.root)
    if done.status != 0:
        return None
    # <mode> blob <id>\t<name>
    pairs = (line.split("\t", 1) for line in done.output.splitlines())
    return {name: head.split()[2] for head, name in pairs}


def whole_history(repository: Repository) -> bool:
    """Whether the checkout has every commit: a tarball has none, a shallow clone some, a copy begun anew its own."""
    done = run([*_GIT, "rev-parse", "--is-shallow-repository"], folder=repository.root)
    if done.status != 0 or done.output.strip() != "false":
        return False
    first = run([*_GIT, "rev-list", "--max-parents=0", "HEAD"], folder=repository.root).output.split()
    # Records are of earlier commits: where the first one has them, theirs are elsewhere.
    return not any(name.startswith(f"{FOLDER}/") for one in first for name in contents_of(repository, one) or ())


def record_problems(record: Record, units: Units, held: Mapping[str, str] | None, *, whole: bool) -> list[str]:
    """What is wrong with one record. held: what its commit holds, None where that is not known."""
    if record.unit not in units.names:
        return [f"{record.place}: there is no unit {record.unit}; there are: {', '.join(units.names)}"]
    if held is None:
        return [f"{record.place}: no commit is {record.run['commit']}"] if whole else []
    wrong = [name for name, found in record.inputs.files.items() if not held.get(name, "").startswith(found)]
    if not wrong:
        return []
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return [f"{record.place}: at {record.run['commit']} these were not so: {', '.join(wrong[:_NAMED])}{more}"]


def check(repository: Repository) -> list[str]:
    """Records that no run of the tests can have written."""
    names = repository.files(f"{FOLDER}/*")
    if not names:
        return []
    units, whole, problems = Units(repository), whole_history(repository), []
    held: dict[str, Mapping[str, str] | None] = {}
    for name in names:
        try:
            record = parse(name, repository.text(name))
        except ValueError as problem:
            problems.append(str(problem))
            continue
        commit = str(record.run["commit"])
        if commit not in held:
            held[commit] = contents_of(repository, commit)
        problems += record_problems(record, units, held[commit], whole=whole)
    return problems


GATE = Gate("test-records", check)
