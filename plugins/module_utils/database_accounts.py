# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of the databases of this host that a well-known password opens: what becomes of them, and of how they were.

The statements that change them hold password verifiers, never a password, and reach the database's own client on its
standard input, over the local socket. How an account was is kept in a file readable by root only until ``absent``. Who
has been given another password since then keeps it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState, establish, observe

STORE = "/var/lib/ringfence/default_passwords/databases.json"
#: The length that PCI DSS 8.3.6 asks for.
LEAST_LENGTH = 12
SAID = {"lock": "the password is taken away", "expire": "closed", "set": "has the password it was given"}

#: Fields of an account as its database keeps them, as JSON.
Fields = Mapping[str, Any]


class ServiceError(Exception):
    """What keeps a service from being closed, in one sentence. Never tells a password."""


@dataclass(frozen=True)
class Change:
    """What becomes of one account. label: what people read. key: service, place and name, which the store knows it by.

    said: the product whose default its password is, and what is done.
    """

    key: tuple[str, str, str]
    label: str
    product: str
    said: str
    before: Fields
    after: Fields


@dataclass(frozen=True)
class Remedies:
    """For one database. default: lock, expire or '' for none. accounts: name -> {remedy, password}."""

    default: str
    accounts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Remedies:
        """From what the role was told."""
        return cls(str(told.get("remedy") or ""), told.get("accounts") or {})

    def find(self, *names: str) -> tuple[str, str]:
        """Remedy and password for an account by the first of these names that is told of."""
        for name in names:
            if name in self.accounts:
                one = self.accounts[name]
                return one["remedy"], one.get("password") or ""
        return self.default, ""


def check_password(label: str, password: str, known: Iterable[str]) -> None:
    """Refuse a password to be set that is none: ServiceError. Others than printable ASCII need SASLprep."""
    if len(password) < LEAST_LENGTH or not (password.isascii() and password.isprintable()) or password in known:
        raise ServiceError(
            f"{label}: the password to be set must be {LEAST_LENGTH} printable ASCII characters or more, "
            "and no well-known one"
        )


def feed(argv: Sequence[str], script: str, what: str) -> list[list[str]]:
    """Run a script through a database's client; the rows it prints. ServiceError without a word of the script."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(
        list(argv),
        input=script,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        # Clients repeat the statement they failed at, which holds a verifier: its message ends where that begins.
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0].split("'")[0].strip()
        raise ServiceError(f"{what} refused the change: {reason}")
    return [line.split("\t") for line in done.stdout.splitlines() if line]


class Store:
    """How accounts were before this collection changed them, and how it left them."""

    def __init__(self, root: str = "/") -> None:
        self.path = STORE if root == "/" else os.path.join(root, STORE.lstrip("/"))
        content = observe(self.path).content
        #: SERVICE, PLACE and NAME joined by newlines -> {before, after}.
        self.entries: dict[str, dict[str, Any]] = json.loads(content) if content else {}

    def remember(self, changes: Sequence[Change]) -> None:
        """Keep how accounts are about to be changed; who is changed again keeps the first original."""
        for change in changes:
            key = "\n".join(change.key)
            known = self.entries.get(key)
            first = known["before"] if known and known["after"] == change.before else change.before
            self.entries[key] = {"before": dict(first), "after": dict(change.after)}
        self._write()

    def of(self, service: str) -> dict[tuple[str, str], dict[str, Any]]:
        """(place, name) -> {before, after} of one service."""
        split = ((key.split("\n"), entry) for key, entry in self.entries.items())
        return {(place, name): entry for (one, place, name), entry in split if one == service}

    def forget(self, service: str) -> None:
        """Drop what is put back; the file goes with the last of it."""
        self.entries = {key: entry for key, entry in self.entries.items() if key.split("\n")[0] != service}
        if self.entries:
            self._write()
        elif os.path.exists(self.path):
            os.unlink(self.path)
            for folder in (os.path.dirname(self.path), os.path.dirname(os.path.dirname(self.path))):
                try:
                    os.rmdir(folder)
                except OSError:
                    # Others keep something there.
                    break

    def _write(self) -> None:
        folder = os.path.dirname(self.path)
        os.makedirs(os.path.dirname(folder), mode=0o755, exist_ok=True)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        text = json.dumps(self.entries, indent=1, sort_keys=True) + "\n"
        establish(self.path, PathState(FILE, 0o600, os.geteuid(), os.getegid(), content=text.encode()))
