# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local group with exactly the members it shall have, and how it was before."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)

STORE = "/var/lib/ringfence/groups"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class GroupError(Exception):
    """What is asked for cannot be done: one sentence for the user."""


@dataclass(frozen=True)
class Plan:
    """before, after: the members that are and that shall be, None = no group. missing: accounts not there yet."""

    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    missing: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return self.before != self.after


def read_members(text: str, group: str) -> tuple[str, ...] | None:
    """The sorted members of a group in the text of /etc/group, None when it is not there."""
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] == group and len(fields) == 4:
            return tuple(sorted(member for member in fields[3].split(",") if member))
    return None


class Group:
    """One local group. ``managed_by`` names who manages it; ``root`` is for tests."""

    def __init__(self, name: str, managed_by: str, *, database: str = "/etc/group", store: str = STORE) -> None:
        self.name = name
        self.managed_by = managed_by
        self.database = database
        self.folder = store
        self.store = os.path.join(store, f"{name}.json")

    def members(self) -> tuple[str, ...] | None:
        """Its members now, None when there is no such local group."""
        with open(self.database, encoding="utf-8") as stream:
            return read_members(stream.read(), self.name)

    def plan_present(self, members: Sequence[str], known: Sequence[str]) -> Plan:
        """The group with those of ``members`` that are known accounts."""
        wanted = tuple(sorted(set(members) & set(known)))
        return Plan(self.members(), wanted, tuple(sorted(set(members) - set(known))))

    def plan_absent(self) -> Plan:
        """The group as it was before the role first changed it."""
        now = self.members()
        content = observe(self.store).content
        if content is None:
            return Plan(now, now)
        original: dict[str, Any] = json.loads(content)
        if original["managed_by"] != self.managed_by:
            raise GroupError(f"the group {self.name} is managed by {original['managed_by']}, not by {self.managed_by}")
        return Plan(now, None if original["members"] is None else tuple(original["members"]))

    def apply(self, plan: Plan, *, restore: bool = False) -> None:
        """Carry a plan out; with ``restore`` forget the original afterwards."""
        if plan.changed and not restore and not os.path.exists(self.store):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            original = {"managed_by": self.managed_by, "members": plan.before}
            establish(self.store, PathState(FILE, 0o600, os.geteuid(), os.getegid(), json.dumps(original).encode()))
        if plan.after is None:
            if plan.before is not None:
                _run("groupdel", self.name)
        else:
            if plan.before is None:
                _run("groupadd", "--system", self.name)
            if plan.after != (plan.before or ()):
                _run("gpasswd", "--members", ",".join(plan.after), self.name)
        if restore:
            establish(self.store, PathState(ABSENT))
            for folder in (self.folder, os.path.dirname(self.folder)):
                with contextlib.suppress(OSError):
                    # Other groups, or other subjects, live there.
                    os.rmdir(folder)


def _run(*argv: str) -> None:
    command = shutil.which(argv[0], path=_PATH)
    if command is None:
        raise GroupError(f"{argv[0]} is not installed")
    done = subprocess.run(
        [command, *argv[1:]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": _PATH, "LC_ALL": "C"},
    )
    if done.returncode:
        raise GroupError(f"{' '.join(argv)}: {done.stderr.strip() or done.returncode}")
