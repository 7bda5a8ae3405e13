# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes services of this host that a well-known login opens, as far as their remedy is told.

The files of the SNMP agent are edited where the community stands, Redis gets its password in its configuration and
while it runs; how the files were is kept in the store of originals under a name of their own, so that managed_files
with the state absent puts them back. Accounts of databases are the subject of postgresql_accounts and mariadb_accounts.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import (
    database_accounts,
    mariadb_accounts,
    postgresql_accounts,
    redis_password,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.database_accounts import (
    LEAST_LENGTH,
    Change,
    Remedies,
    ServiceError,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import Store
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState, establish, observe
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _services, _snmp
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

MANAGED_BY = "default_passwords_services"
_ASKS_NOTHING = "asks for no password)"
RESTART = ("systemctl", "try-restart", "snmpd.service")


@dataclass(frozen=True)
class Edit:
    """What becomes of one file. said: one line for each place, without a password."""

    path: str
    before: PathState
    after: PathState
    said: tuple[str, ...]


@dataclass
class Plan:
    """What is to be changed. files: of the SNMP agent. stale: it still answers to what its files no longer have."""

    files: list[Edit] = field(default_factory=list)
    stale: bool = False
    redis: list[redis_password.RedisChange] = field(default_factory=list)
    accounts: list[Change] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.files or self.stale or self.redis or self.accounts)

    @property
    def paths(self) -> list[str]:
        """The files that change."""
        return sorted(
            [one.path for one in self.files] + [one.path for one in self.redis if one.after != one.before],
        )


class ServicePasswords:
    """One call's work. remedies: service -> {remedy, password, accounts}."""

    def __init__(
        self, catalogue: Mapping[str, Any], remedies: Mapping[str, Mapping[str, str]], *, host: Host | None = None
    ) -> None:
        self.host = host or Host()
        self.logins = _services.by_service(catalogue)
        self.remedies = remedies
        self.warnings: list[str] = []

    def _passwords(self, service: str) -> list[str]:
        return [login["password"] for login in self.logins.get(service, ()) if login["password"]]

    def plan(self) -> Plan:
        """What to change; services without a remedy become warnings. ServiceError before anything is touched."""
        plan = Plan()
        errors: list[str] = []
        for name, ask in sorted(_services.SERVICES.items()):
            try:
                look = ask(self.host, self.logins.get(name, []))
            except NotObservable as problem:
                self.warnings.append(f"{name} could not be asked: {problem}")
                continue
            if not look.opened and not look.written:
                continue
            try:
                self._add(plan, name, look)
            except ServiceError as problem:
                errors.append(str(problem))
        if errors:
            raise ServiceError("\n".join(errors))
        return plan

    def _add(self, plan: Plan, name: str, look: _services.Look) -> None:
        """What one service that is open needs."""
        told = self.remedies.get(name)
        if told and name == "snmp":
            plan.files = self._snmp(told)
            plan.stale = bool(look.opened)
        elif told and name == "redis":
            plan.redis = redis_password.plan(self.host, self.logins.get(name, ()), told["password"])
        elif name in _DATABASES:
            changes, left = _DATABASES[name].plan(self.host, look, Remedies.of(told or {}), self._passwords(name))
            plan.accounts += changes
            self.warnings += left
            self.warnings += [f"{one}: write another method there" for one in look.opened if _ASKS_NOTHING in one]
        else:
            self.warnings += [f"{one}: a well-known login opens it; give it a password" for one in look.opened]

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

    def apply(self, plan: Plan) -> None:
        """Do it, the originals first, and look again whether nothing of it is still open."""
        if plan.files or plan.stale:
            self._apply_snmp(plan.files)
        if plan.redis:
            redis_password.apply(self.host, plan.redis, self.remedies["redis"]["password"], MANAGED_BY)
        if plan.accounts:
            database_accounts.Store(self.host.root).remember(plan.accounts)
            self._change(plan.accounts)
            self._look_again(plan.accounts)

    def _change(self, changes: Sequence[Change]) -> None:
        postgresql_accounts.apply([one for one in changes if one.key[0] == postgresql_accounts.SERVICE])
        mariadb_accounts.apply(self.host, [one for one in changes if one.key[0] == mariadb_accounts.SERVICE])

    def _look_again(self, changes: Sequence[Change]) -> None:
        fresh = Host(self.host.root)
        done = {one.key for one in changes}
        for name in sorted({one.key[0] for one in changes}):
            try:
                look = _services.SERVICES[name](fresh, self.logins.get(name, []))
            except NotObservable as problem:
                raise ServiceError(f"{name} cannot be asked after the change: {problem}") from problem
            still = [one for one in look.accounts if (name, one.place, one.name) in done]
            if still:
                raise ServiceError(f"{name}: still open after the change: {', '.join(one.name for one in still)}")

    def restore(self, *, check_mode: bool) -> list[Change]:
        """Put back the accounts of databases that are still as they were left, and forget how all of them were."""
        store = database_accounts.Store(self.host.root)
        changes: list[Change] = []
        for name, module in _DATABASES.items():
            try:
                changes += module.restored(self.host, store.of(name))
            except NotObservable as problem:
                raise ServiceError(
                    f"{problem}: its accounts cannot be put back; start it, or remove {store.path} to leave them"
                ) from problem
        if not check_mode and store.entries:
            self._change(changes)
            for name in _DATABASES:
                store.forget(name)
        return changes

    def _apply_snmp(self, edits: Sequence[Edit]) -> None:
        store = Store(MANAGED_BY)
        with store.locked():
            store.remember({edit.path: edit.before for edit in edits}, {edit.path: True for edit in edits})
            for edit in edits:
                establish(self.host.at(edit.path), edit.after)
        done = subprocess.run(RESTART, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise ServiceError(f"{' '.join(RESTART)} failed: {done.stderr.strip()}")

    def diff(self, plan: Plan) -> list[dict[str, str]]:
        """Ansible's differences, without a password in them."""
        after = {"set": "has the community that it was given", "lock": "is closed"}
        entries = []
        for edit in plan.files:
            said = after[self.remedies["snmp"]["remedy"]]
            lines = [f"{line.partition(':')[0]}: {said}\n" for line in edit.said]
            entries.append(_entry(edit.path, "".join(f"{line}\n" for line in edit.said), "".join(lines)))
        entries += [
            _entry(f"redis {one.place.text} ({one.path})", f"{one.product}\n", "has the password it was given\n")
            for one in plan.redis
        ]
        return entries + account_diff(plan.accounts)


_DATABASES = {mariadb_accounts.SERVICE: mariadb_accounts, postgresql_accounts.SERVICE: postgresql_accounts}


def account_diff(changes: Sequence[Change]) -> list[dict[str, str]]:
    """Ansible's differences of accounts, by what is said of them."""
    return [_entry(one.label, f"{one.product}\n" if one.product else "", f"{one.said}\n") for one in changes]


def _entry(header: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": header, "after_header": header, "before": before, "after": after}


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
