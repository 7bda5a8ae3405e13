# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of managed files, and the plan that comes of it: data, and how it is told to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import file_diff
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import DIRECTORY, PathState


class ManagedFilesError(Exception):
    """What is asked for cannot be done. ``errors``: one sentence each, all that were found."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class PathSpec:
    """A file or folder as it shall be: ``content`` is None for a folder; mode is four octal digits as text.

    block: the content is that of a block in a file of others, whose mode, owner and other bytes stay.

    needs: a command that must succeed for the file to have a meaning on this host; otherwise it counts as not listed.
    before: what is done about the file as it was.
    """

    path: str
    mode: str
    owner: str = "root"
    group: str = "root"
    content: str | None = None
    validate: Sequence[str] = ()
    no_diff: bool = False
    needs: Sequence[str] = ()
    before: Before | None = None
    block: bool = False


@dataclass(frozen=True)
class Before:
    """What is done about a file as it was before the first write.

    carry: patterns of lines that stay. refuse: (pattern, reason) of a text in whose place ours is not put. notices:
    (globs, pattern, text): what is said when one of those other files has the pattern.
    """

    carry: Sequence[str] = ()
    refuse: Sequence[tuple[str, str]] = ()
    notices: Sequence[tuple[Sequence[str], str, str]] = ()


@dataclass(frozen=True)
class Activation:
    """A command that must run after any of ``paths`` changed (no paths: after any change)."""

    argv: Sequence[str]
    paths: Sequence[str] = ()


@dataclass(frozen=True)
class Step:
    """One path's way from what is there to what shall be there."""

    path: str
    before: PathState
    after: PathState
    hidden: bool = False
    names: tuple[str, str] | None = None

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after


@dataclass
class Plan:
    """What a run will do: ``steps`` in order; ``put_back``: paths given up, to be forgotten once they are back.

    blocks: paths of others in which only a block is ours. shared: parent folders that another role made on its way.
    """

    steps: list[Step] = field(default_factory=list)
    explicit: dict[str, bool] = field(default_factory=dict)
    blocks: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    put_back: list[str] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)

    @property
    def changed_paths(self) -> list[str]:
        """The paths that will be, or were, changed."""
        return [step.path for step in self.steps if step.changes]

    @property
    def changed(self) -> bool:
        """Whether anything is to be done: a path to change, or a command that a run which died still owes."""
        return bool(self.changed_paths or self.commands)


def report(plan: Plan) -> dict[str, Any]:
    """The module's result: changed, files, directories, changed_paths, commands."""

    def rows(directories: bool) -> list[Mapping[str, Any]]:
        return [
            {"path": step.path, "changed": step.changes}
            for step in plan.steps
            if (DIRECTORY in (step.before.kind, step.after.kind)) == directories
        ]

    return {
        "changed": plan.changed,
        "files": rows(False),
        "directories": rows(True),
        "changed_paths": plan.changed_paths,
        "commands": plan.commands,
    }


def diff(plan: Plan) -> list[dict[str, str]]:
    """Ansible's list of differences, one or two entries for each path that changes."""
    entries: list[dict[str, str]] = []
    for step in plan.steps:
        if step.changes:
            entries += file_diff.entries(step.path, step.before, step.after, hidden=step.hidden, names=step.names)
    return entries
