# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of service on this host is asked whether a well-known login opens it.

Each function takes the host and the logins of its service [{product, account, password}] and returns what it looked at
and what it found. It raises NotObservable when the service runs and cannot be asked.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

from . import _listeners, _snmp, _verifiers
from .base import Host, NotObservable

Logins = Sequence[Mapping[str, str]]

ASKS_NOTHING = "no password is asked for"
ASKS_FOR_NONE = "no password"
OWN_NAME = "the account's own name"

#: Plugins of MariaDB that ask for no password but for who the caller is.
NO_PASSWORD_PLUGINS = ("unix_socket", "auth_socket", "gssapi", "pam")
_TRUST = "select line_number, coalesce(array_to_string(user_name, ','), '') from pg_hba_file_rules"
_TRUST += " where auth_method = 'trust' and error is null"
_ROLES = "select rolname, rolpassword from pg_authid where rolcanlogin and rolpassword is not null"
MYSQL_ACCOUNTS = "select user, host, priv from mysql.global_priv"


@dataclass(frozen=True)
class Account:
    """An account of a database that a well-known password opens.

    place: the port of PostgreSQL, the host part of an account of MariaDB. way: which of its ways in, by number.
    """

    place: str
    name: str
    product: str
    way: int = 0


@dataclass
class Look:
    """looked_at: the services that run. opened: what a login opens now. written: what the files would open after a
    restart. unknown: accounts whose verifier cannot be computed here. accounts: those of databases that are opened.
    places: of databases that were asked. No text holds a password."""

    looked_at: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


def _named(account: str, product: str) -> str:
    return f"{account} ({product})" if account else product


def snmp(host: Host, logins: Logins) -> Look:
    """Communities of the SNMP agent, as it answers and as its files say."""
    look = Look()
    products = {login["password"]: login["product"] for login in logins if login["password"]}
    places = _listeners.listeners(host, "snmpd", "udp", 161)
    for place in places[:4]:
        try:
            open_ones = _snmp.answered(place.address, place.port, list(products))
        except OSError as problem:
            raise NotObservable(f"snmpd at {place.text}: {problem.strerror}") from problem
        look.looked_at.append(f"snmp {place.text}")
        look.opened += [f"snmp {place.text}: {products[one]}" for one in open_ones]
    if places:
        look.written = [
            f"{path}:{number}: {products[one]}" for one, path, number in _snmp.configured(host) if one in products
        ]
    return look


def redis(host: Host, logins: Logins) -> Look:
    """The default account of Redis and those of the catalogue."""
    look = Look()
    for place in _listeners.listeners(host, "redis-server", "tcp", 6379):
        look.looked_at.append(f"redis {place.text}")
        try:
            with socket.create_connection((place.address, place.port), timeout=5) as channel:
                look.opened += [f"redis {place.text}: {text}" for text in redis_open(channel, logins)]
        except OSError as problem:
            raise NotObservable(f"redis at {place.text}: {problem.strerror or 'no answer'}") from problem
    return look


def _redis_say(channel: socket.socket, *words: str) -> bytes:
    """One command; the first bytes of the answer."""
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    channel.sendall((f"*{len(words)}\r\n" + "".join(parts)).encode())
    answer = b""
    while not answer.endswith(b"\n"):
        data = channel.recv(1024)
        if not data:
            raise OSError("the connection was closed")
        answer += data
    return answer


def redis_open(channel: socket.socket, logins: Logins) -> list[str]:
    """What opens the Redis at the other end of a connection."""
    if _redis_say(channel, "PING").startswith(b"+"):
        return [ASKS_NOTHING]
    return [
        _named(login["account"], login["product"])
        for login in logins
        if login["password"]
        and _redis_say(channel, "AUTH", login["account"] or "default", login["password"]).startswith(b"+OK")
    ]


def psql(port: str) -> tuple[str, ...]:
    """The command line of the administrator's client of PostgreSQL, over the local socket."""
    return ("runuser", "-u", "postgres", "--", "psql", "-XAtq", "-F", "\t", "-p", port, "-d", "postgres")


def mysql_client(host: Host) -> str:
    """The client of MariaDB that is installed."""
    return "mariadb" if host.has("mariadb") else "mysql"


def rows(host: Host, what: str, *argv: str) -> list[list[str]]:
    done = host.run(*argv, needs_root=True)
    if done.rc != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotObservable(f"{what} cannot be asked: {reason}")
    return [line.split("\t") for line in done.stdout.splitlines() if line]


def postgresql(host: Host, logins: Logins) -> Look:
    """Roles that can log in, by their verifiers, and lines of pg_hba.conf that ask for no password."""
    look = Look()
    sockets = [name.rsplit(".", 1)[-1] for name in host.listdir("/run/postgresql") if name.startswith(".s.PGSQL.")]
    for port in (one for one in sockets if one.isdigit()):
        name = f"postgresql {port}"
        ask = (*psql(port), "-c")
        look.looked_at.append(name)
        look.places.append(port)
        for number, who in rows(host, name, *ask, _TRUST):
            look.opened.append(f"{name}: {who or 'everybody'} (pg_hba.conf line {number} asks for no password)")
        for role, verifier in rows(host, name, *ask, _ROLES):
            try:
                found = _first(logins, role, partial(_verifiers.postgresql_matches, role=role, verifier=verifier))
            except _verifiers.UnknownVerifier:
                look.unknown.append(f"{name}: {role}")
                continue
            if found:
                look.opened.append(f"{name}: {_named(role, found)}")
                look.accounts.append(Account(port, role, found))
    return look


def mysql(host: Host, logins: Logins) -> Look:
    """Accounts of MariaDB, by their verifiers."""
    look = Look()
    processes = [name for name in ("mariadbd", "mysqld") if _listeners.processes(host, name)]
    if not processes:
        return look
    look.looked_at.append("mysql")
    look.places.append("")
    for user, where, text in rows(host, "mysql", mysql_client(host), "-NBre", MYSQL_ACCOUNTS):
        account = f"{user}@{where}"
        rights = json.loads(text)
        # A role has no password, and nobody logs in as one.
        if rights.get("account_locked") or rights.get("is_role"):
            continue
        for number, way in enumerate(mysql_ways(rights)):
            plugin = str(way.get("plugin", ""))
            if plugin in NO_PASSWORD_PLUGINS:
                continue
            verifier = str(way.get("authentication_string", ""))
            try:
                found = _first(
                    logins, user, partial(_verifiers.mysql_matches, plugin=plugin, verifier=verifier), empty=True
                )
            except _verifiers.UnknownVerifier:
                look.unknown.append(f"mysql: {account}")
                continue
            if found:
                look.opened.append(f"mysql: {_named(user, found)} as {account}")
                look.accounts.append(Account(where, user, found, number))
    return look


def mysql_ways(rights: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ways into an account of MariaDB, any of which is enough: each has plugin and authentication_string."""
    # One that names no plugin is the account's first; another one shares nothing with it.
    return [dict(way) if "plugin" in way else {**rights, **way} for way in rights.get("auth_or") or [{}]]


def _first(logins: Logins, account: str, matches: Callable[[str], bool], *, empty: bool = False) -> str:
    """The product whose default the password of an account is, '' when it is none."""
    if empty and matches(""):
        return ASKS_FOR_NONE
    for login in logins:
        if login["account"] == account and login["password"] and matches(login["password"]):
            return login["product"]
    return OWN_NAME if account and matches(account) else ""


SERVICES: dict[str, Callable[[Host, Logins], Look]] = {
    "mysql": mysql,
    "postgresql": postgresql,
    "redis": redis,
    "snmp": snmp,
}


def by_service(catalogue: Mapping[str, Any]) -> dict[str, list[Mapping[str, str]]]:
    """The logins of a selection, by service."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for entry in catalogue.get("entries", ()):
        found.setdefault(str(entry["service"]), []).append(entry)
    return found
