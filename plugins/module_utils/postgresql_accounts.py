# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of PostgreSQL that a well-known password opens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
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

SERVICE = "postgresql"
_ITERATIONS = 4096
_STATE = "select rolname, rolcanlogin, coalesce(rolpassword, '') from pg_authid"
_SESSION = "select session_user, pg_is_in_recovery()"
#: Keeps the statements, which hold verifiers, out of the server's log whatever it is told to write there.
_QUIET = """\
\\set ON_ERROR_STOP on
\\set VERBOSITY terse
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
set log_duration = off;
set standard_conforming_strings = on;
begin;
"""


def verifier(password: str) -> str:
    """What PostgreSQL keeps for a password (SCRAM-SHA-256), so that the password itself never reaches it."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client = hashlib.sha256(hmac.new(salted, b"Client Key", hashlib.sha256).digest()).digest()
    server = hmac.new(salted, b"Server Key", hashlib.sha256).digest()
    text = [base64.b64encode(part).decode() for part in (salt, client, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{text[0]}${text[1]}:{text[2]}"


def _state(host: Host, port: str) -> dict[str, dict[str, Any]]:
    listed = _services.rows(host, f"postgresql {port}", *_services.psql(port), "-c", _STATE)
    return {row[0]: {"login": row[1] == "t", "verifier": row[2]} for row in listed}


def plan(host: Host, look: _services.Look, remedies: Remedies, known: Iterable[str]) -> tuple[list[Change], list[str]]:
    """The changes, and the accounts that are left alone because nothing was told about them, as warnings."""
    changes: list[Change] = []
    left: list[str] = []
    words = set(known)
    for port in dict.fromkeys(account.place for account in look.accounts):
        state = _state(host, port)
        session, follows = _services.rows(host, f"postgresql {port}", *_services.psql(port), "-c", _SESSION)[0]
        for account in (one for one in look.accounts if one.place == port):
            label = f"postgresql {port}: {account.name}"
            remedy, password = remedies.find(account.name)
            if follows == "t":
                left.append(f"{label} ({account.product}): this server follows another one; close it there")
                continue
            if not remedy:
                left.append(f"{label} ({account.product}): a well-known login opens it; give it a password")
                continue
            before = state[account.name]
            if remedy == "expire" and account.name == session:
                raise ServiceError(
                    f"{label}: closing the account by which the server is administered would leave no way in: "
                    "give it the remedy lock or set"
                )
            if remedy == "set":
                check_password(label, password, {*words, account.name})
            after = dict(before)
            if remedy == "expire":
                after["login"] = False
            else:
                after["verifier"] = verifier(password) if remedy == "set" else ""
            key = (SERVICE, port, account.name)
            changes.append(Change(key, label, account.product, SAID[remedy], before, after))
    return changes, left


def _statement(name: str, before: Fields, after: Fields) -> str:
    words = []
    if before["login"] != after["login"]:
        words.append("login" if after["login"] else "nologin")
    if before["verifier"] != after["verifier"]:
        words.append(f"password {_literal(after['verifier'])}" if after["verifier"] else "password null")
    quoted = name.replace('"', '""')
    return f'alter role "{quoted}" {" ".join(words)};\n'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def apply(changes: Sequence[Change]) -> None:
    """Change the accounts, those of one server in one transaction."""
    for port in dict.fromkeys(change.key[1] for change in changes):
        lines = [_statement(one.key[2], one.before, one.after) for one in changes if one.key[1] == port]
        feed(_services.psql(port), _QUIET + "".join(lines) + "commit;\n", f"postgresql {port}")


def restored(host: Host, entries: Mapping[tuple[str, str], Mapping[str, Fields]]) -> list[Change]:
    """The changes that put back accounts that are still as they were left. NotObservable when a server is down."""
    states = {port: _state(host, port) for port in dict.fromkeys(place for place, _name in entries)}
    return [
        Change((SERVICE, port, name), f"postgresql {port}: {name}", "", "as it was", entry["after"], entry["before"])
        for (port, name), entry in sorted(entries.items())
        if states[port].get(name) == entry["after"]
    ]
