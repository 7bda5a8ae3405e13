# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of MariaDB that a well-known password, or none at all, opens."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.database_accounts import (
    SAID,
    Change,
    Fields,
    Remedies,
    ServiceError,
    check_password,
    feed,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _services
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

SERVICE = "mysql"
_NATIVE = "mysql_native_password"
#: A verifier that no password has; what Debian gives root.
_NEVER = "invalid"
_SOCKET = "unix_socket"
#: Keeps the statements, which hold verifiers, out of the server's own log of queries.
_QUIET = "set session sql_log_off = 1;\nset session sql_mode = '';\n"


def verifier(password: str) -> str:
    """What MariaDB keeps for a password, so that the password itself never reaches it."""
    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def _state(host: Host) -> dict[tuple[str, str], dict[str, Any]]:
    """(user, host) -> whether it is locked, and its ways in, each a plugin and what that keeps."""
    listed = _services.rows(host, "mysql", _services.mysql_client(host), "-NBre", _services.MYSQL_ACCOUNTS)
    found = {}
    for user, where, text in listed:
        rights = json.loads(text)
        ways = [
            [str(way.get("plugin") or _NATIVE), str(way.get("authentication_string", ""))]
            for way in _services.mysql_ways(rights)
        ]
        found[user, where] = {"locked": bool(rights.get("account_locked")), "ways": ways}
    return found


def plan(host: Host, look: _services.Look, remedies: Remedies, known: Iterable[str]) -> tuple[list[Change], list[str]]:
    """The changes, and the accounts that are left alone because nothing was told about them, as warnings."""
    changes: list[Change] = []
    left: list[str] = []
    if not look.accounts:
        return changes, left
    words = set(known)
    state = _state(host)
    session = _services.rows(host, "mysql", _services.mysql_client(host), "-NBre", "select current_user()")[0][0]
    opened: dict[tuple[str, str], list[_services.Account]] = {}
    for account in look.accounts:
        opened.setdefault((account.name, account.place), []).append(account)
    for (user, where), hits in opened.items():
        full = f"{user}@{where}"
        label, product = f"mysql: {full}", hits[0].product
        remedy, password = remedies.find(full, user)
        if not remedy:
            left.append(f"{label} ({product}): a well-known login opens it; give it a password")
            continue
        before = state[user, where]
        if remedy == "expire" and full == session:
            raise ServiceError(
                f"{label}: closing the account by which the server is administered would leave no way in: "
                "give it the remedy lock or set"
            )
        if remedy == "set":
            check_password(label, password, {*words, user})
        after = _after(before, {hit.way for hit in hits}, remedy, password, keep_socket=full == session)
        changes.append(Change((SERVICE, where, user), label, product, SAID[remedy], before, after))
    return changes, left


def _after(before: Fields, hits: set[int], remedy: str, password: str, *, keep_socket: bool) -> dict[str, Any]:
    """What becomes of an account. keep_socket: it is the one that this comes by, from root of the operating system."""
    if remedy == "expire":
        return {"locked": True, "ways": before["ways"]}
    ways = [list(way) for number, way in enumerate(before["ways"]) if number not in hits]
    if keep_socket and not any(plugin in _services.NO_PASSWORD_PLUGINS for plugin, _text in ways):
        # Without a password it could come in until now: it still can, and nobody else.
        ways.append([_SOCKET, ""])
    if remedy == "set":
        ways.append([_NATIVE, verifier(password)])
    return {"locked": before["locked"], "ways": ways or [[_NATIVE, _NEVER]]}


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _statement(user: str, where: str, after: Fields) -> str:
    ways = []
    for plugin, kept in after["ways"]:
        if not re.fullmatch(r"\w+", plugin):
            raise ServiceError(f"mysql: {user}@{where} has a way in of a strange name")
        ways.append(f"{plugin} using {_text(kept)}" if kept or plugin == _NATIVE else plugin)
    lock = "lock" if after["locked"] else "unlock"
    return f"alter user {_text(user)}@{_text(where)} identified via {' or '.join(ways)} account {lock};\n"


def apply(host: Host, changes: Sequence[Change]) -> None:
    """Change the accounts, one after another: MariaDB knows no transaction for these."""
    lines = [_statement(one.key[2], one.key[1], one.after) for one in changes]
    if lines:
        feed([_services.mysql_client(host), "-NBr"], _QUIET + "".join(lines), "mysql")


def restored(host: Host, entries: Mapping[tuple[str, str], Mapping[str, Fields]]) -> list[Change]:
    """The changes that put back accounts that are still as they were left. NotObservable when the server is down."""
    if not entries:
        return []
    state = _state(host)
    return [
        Change((SERVICE, where, user), f"mysql: {user}@{where}", "", "as it was", entry["after"], entry["before"])
        for (where, user), entry in sorted(entries.items())
        if state.get((user, where)) == entry["after"]
    ]
