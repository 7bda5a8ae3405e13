# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes services of this host that a well-known login opens, as far as their remedy is told.

The files of the SNMP agent are edited where the community stands; how they were is kept in the store of originals under
a keeper of their own, so that managed_files with the state absent puts them back.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import Store
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState, establish, observe
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _services, _snmp
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

KEEPER = "default_passwords_services"
RESTART = ("systemctl", "try-restart", "snmpd.service")
#: The length that PCI DSS 8.3.6 asks for.
LEAST_LENGTH = 12


class ServiceError(Exception):
    """What keeps a service from being closed, in one sentence. Never tells a password."""


@dataclass(frozen=True)
class Edit:
    """What becomes of one file. said: one line for each place, without a password."""

    path: str
    before: PathState
    after: PathState
    said: tuple[str, ...]


class ServicePasswords:
    """One call's work. remedies: service -> {remedy, password}."""

    def __init__(
        self, catalogue: Mapping[str, Any], remedies: Mapping[str, Mapping[str, str]], *, host: Host | None = None
    ) -> None:
        self.host = host or Host()
        self.logins = _services.by_service(catalogue)
        self.remedies = remedies
        self.warnings: list[str] = []
        #: Whether the agent still answers to a community that its files no longer have.
        self.stale = False

    def plan(self) -> list[Edit]:
        """The files to change; services without a remedy become warnings."""
        edits: list[Edit] = []
        for name, ask in sorted(_services.SERVICES.items()):
            try:
                look = ask(self.host, self.logins.get(name, []))
            except NotObservable as problem:
                self.warnings.append(f"{name} could not be asked: {problem}")
                continue
            if not look.opened and not look.written:
                continue
            if name == "snmp" and name in self.remedies:
                edits += self._snmp(self.remedies[name])
                self.stale = bool(look.opened)
            else:
                self.warnings += [f"{one}: a well-known login opens it; give it a password" for one in look.opened]
        return edits

    def _snmp(self, remedy: Mapping[str, str]) -> list[Edit]:
        known = {login["password"]: login["product"] for login in self.logins.get("snmp", ()) if login["password"]}
        community = remedy.get("password", "")
        listed = _snmp.configured(self.host)
        if remedy["remedy"] == "set":
            if len(community) < LEAST_LENGTH or community in known or not community.isprintable() or " " in community:
                raise ServiceError(
                    f"snmp: the community to be set must be {LEAST_LENGTH} characters or more, without spaces, "
                    "and no well-known one"
                )
        elif all(one in known for one, _path, _number in listed):
            raise ServiceError(
                "snmp: locking its well-known communities would leave the agent no way in: give it the remedy set with "
                "a community of its own, or remove the agent"
            )
        places: dict[str, list[tuple[int, str]]] = {}
        for one, path, number in listed:
            if one in known:
                places.setdefault(path, []).append((number, one))
        return [self._edit(path, numbers, known, community) for path, numbers in sorted(places.items())]

    def _edit(self, path: str, numbers: Sequence[tuple[int, str]], known: Mapping[str, str], community: str) -> Edit:
        before = observe(self.host.at(path))
        if before.kind != FILE:
            raise ServiceError(f"{path} is no plain file")
        lines = (before.content or b"").decode("utf-8", errors="surrogateescape").splitlines(keepends=True)
        said = []
        for number, one in numbers:
            lines[number - 1] = _without(lines[number - 1], one, community)
            said.append(f"line {number}: {known[one]}")
        content = "".join(lines).encode("utf-8", errors="surrogateescape")
        # A community of one's own is a secret, which /etc/snmp/snmpd.conf may show to everybody.
        mode = before.mode & ~0o007 if community else before.mode
        return Edit(path, before, replace(before, content=content, mode=mode), tuple(said))

    def apply(self, edits: Sequence[Edit]) -> None:
        """Change the files, the originals first, and let the agent read them."""
        store = Store(KEEPER)
        with store.locked():
            store.remember({edit.path: edit.before for edit in edits}, {edit.path: True for edit in edits})
            for edit in edits:
                establish(self.host.at(edit.path), edit.after)
        done = subprocess.run(RESTART, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise ServiceError(f"{' '.join(RESTART)} failed: {done.stderr.strip()}")

    @staticmethod
    def diff(edits: Sequence[Edit], remedy: str) -> list[dict[str, str]]:
        """Ansible's differences, without a password in them."""
        after = {"set": "has the community that it was given", "lock": "is closed"}[remedy]
        return [
            {
                "before_header": edit.path,
                "after_header": edit.path,
                "before": "".join(f"{line}\n" for line in edit.said),
                "after": "".join(f"{line.partition(':')[0]}: {after}\n" for line in edit.said),
            }
            for edit in edits
        ]


def _without(line: str, known: str, community: str) -> str:
    """A line of snmpd.conf with another community in the place of a known one, or as a comment."""
    if not community:
        return f"# closed, well-known community: {line.split(maxsplit=1)[0]}\n"
    head, mark, comment = line.partition("#")
    words = head.split()
    # The first word after the keyword, or the last of com2sec: never one in front of it that reads the same.
    place = words.index(known, 1) if words[0].lower().startswith("r") else len(words) - 1 - words[::-1].index(known)
    words[place] = community
    return " ".join(words) + (f" {mark}{comment}" if mark else "\n")
