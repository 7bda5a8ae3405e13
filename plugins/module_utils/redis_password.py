# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Redis of this host that asks for no password, or for a well-known one, gets a password of its own.

It goes into the server's configuration and, over its own protocol, into the running server: nothing is restarted, no
connection is cut, no data is lost.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.ringfence.callcenter.plugins.module_utils.database_accounts import LEAST_LENGTH, ServiceError
from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import Store
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState, establish, observe
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _listeners
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

_REQUIRE = re.compile(r"^\s*requirepass\s", re.IGNORECASE)
_OTHER_LISTS = re.compile(r"^\s*(aclfile|user)\s", re.IGNORECASE)
#: What redis.conf takes without any quoting, so that it is the same there and on the wire.
_PLAIN = re.compile(r"[A-Za-z0-9_.:+/=@%^,~-]+")


@dataclass(frozen=True)
class RedisChange:
    """One server. place: where it listens. login: what opens it now, account and password."""

    place: _listeners.Listener
    login: tuple[str, str]
    path: str
    before: PathState
    after: PathState
    product: str


class Talk:
    """A connection to a Redis that has been let in. Raises OSError when there is nobody."""

    def __init__(self, place: _listeners.Listener) -> None:
        self.channel = socket.create_connection((place.address, place.port), timeout=5)
        self.stream = self.channel.makefile("rb")

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_why: object) -> None:
        self.stream.close()
        self.channel.close()

    def say(self, *words: str) -> str:
        """One command and its answer: a status with its sign in front, or a text."""
        parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
        self.channel.sendall((f"*{len(words)}\r\n" + "".join(parts)).encode())
        line = self.stream.readline().decode(errors="replace").rstrip("\r\n")
        if line.startswith("$") and line != "$-1":
            return self.stream.read(int(line[1:]) + 2)[:-2].decode(errors="replace")
        return line

    def enter(self, logins: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], str] | None:
        """Come in: the login that did it and its product, None when none does."""
        if self.say("PING").startswith("+"):
            return ("", ""), "no password is asked for"
        for login in logins:
            account = login["account"] or "default"
            if login["password"] and self.say("AUTH", account, login["password"]).startswith("+OK"):
                return (account, login["password"]), login["product"]
        return None


def plan(host: Host, logins: Sequence[Mapping[str, str]], password: str) -> list[RedisChange]:
    """What to change; ServiceError when it cannot be done."""
    known = {login["password"] for login in logins}
    if len(password) < LEAST_LENGTH or not _PLAIN.fullmatch(password) or password in known:
        raise ServiceError(
            f"redis: the password to be set must be {LEAST_LENGTH} characters or more, of letters, digits and "
            "_.:+/=@%^,~- only, and no well-known one"
        )
    changes: dict[str, RedisChange] = {}
    for place in _listeners.listeners(host, "redis-server", "tcp", 6379):
        with Talk(place) as talk:
            entered = talk.enter(logins)
            if entered is None:
                continue
            login, product = entered
            if login[0] not in ("", "default"):
                raise ServiceError(f"redis {place.text}: {login[0]} is an account of its own: give it a password there")
            match = re.search(r"^config_file:(\S+)", talk.say("INFO", "server"), re.MULTILINE)
        if match is None:
            raise ServiceError(f"redis {place.text} runs without a configuration file: give it one with requirepass")
        before, after = _edit(host, place, match[1], password)
        changes.setdefault(match[1], RedisChange(place, login, match[1], before, after, product))
    return list(changes.values())


def _edit(host: Host, place: _listeners.Listener, path: str, password: str) -> tuple[PathState, PathState]:
    """The configuration as it is and as it will be."""
    before = observe(host.at(path))
    if before.kind != FILE:
        raise ServiceError(f"{path}, which redis {place.text} reads, is no plain file")
    lines = (before.content or b"").decode("utf-8", errors="surrogateescape").splitlines(keepends=True)
    if any(_OTHER_LISTS.match(line) for line in lines):
        raise ServiceError(
            f"redis {place.text}: {path} lists its accounts (user or aclfile): give default a password there"
        )
    kept = [line for line in lines if not _REQUIRE.match(line)]
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    content = "".join([*kept, f"requirepass {password}\n"]).encode("utf-8", errors="surrogateescape")
    after = before if before.content == content else replace(before, content=content, mode=before.mode & ~0o007)
    return before, after


def apply(host: Host, changes: Sequence[RedisChange], password: str, managed_by: str) -> None:
    """Write the files, the originals first, and tell the running servers."""
    store = Store(managed_by)
    with store.locked():
        store.remember({one.path: one.before for one in changes}, {one.path: True for one in changes})
        for one in changes:
            establish(host.at(one.path), one.after)
    for one in changes:
        with Talk(one.place) as talk:
            if one.login[1]:
                talk.say("AUTH", *one.login)
            if not talk.say("CONFIG", "SET", "requirepass", password).startswith("+OK"):
                raise ServiceError(f"redis {one.place.text} takes no CONFIG SET: restart it, its file has the password")
