# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login at a database over the network: whether it opens. Runs on the controller, with the databases' own clients.

The clients are Python packages that the controller may lack; then what needs them is unanswered, never closed. Each
call makes exactly one attempt: no client is let to try again by itself.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary, library


class Unanswered(Exception):
    """What is there does not ask as this service does, or cannot be asked from here: one sentence."""


def _library(name: str, package: str) -> Any:
    try:
        return library(name, package)
    except MissingLibrary as problem:
        raise Unanswered(str(problem)) from problem


def unverified_tls_context() -> ssl.SSLContext:
    """TLS to a device with a certificate of its own. What is sent is a password that everybody knows."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


# -- PostgreSQL -----------------------------------------------------------------------------------------------------

#: A file that is not there, in place of those of whoever runs this.
_NOTHING = "/nonexistent"
_SSL_REQUEST = struct.pack(">II", 8, 80877103)


def _speaks_tls(address: str, port: int, seconds: float) -> bool:
    """Whether a PostgreSQL offers TLS. Asked beforehand: a client that may choose would try a wrong password twice."""
    with socket.create_connection((address, port), timeout=seconds) as channel:
        channel.sendall(_SSL_REQUEST)
        answer = channel.recv(1)
    if answer not in (b"S", b"N"):
        raise Unanswered("no PostgreSQL")
    return answer == b"S"


def postgresql(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether PostgreSQL takes a login, to whatever database."""
    psycopg = _library("psycopg", "psycopg")
    # They would lead it to another place, or give away a password of whoever runs this.
    for name in [one for one in os.environ if one.startswith("PG")]:
        del os.environ[name]
    mode = "require" if _speaks_tls(address, port, seconds) else "disable"
    wait = max(2, int(seconds))
    try:
        with psycopg.connect(
            host=address,
            port=port,
            user=account,
            password=password,
            dbname="postgres",
            sslmode=mode,
            gssencmode="disable",
            connect_timeout=wait,
            passfile="/dev/null",
            sslcert=_NOTHING,
            sslkey=_NOTHING,
            sslrootcert=_NOTHING,
        ):
            return True
    except psycopg.OperationalError as problem:
        said = str(problem)
        # Who may not come into this database has come in.
        if "does not exist" in said and "database" in said:
            return True
        if "password authentication failed" in said or "no password supplied" in said:
            return False
        raise Unanswered(_first_line(problem)) from problem


# -- MySQL and MariaDB ----------------------------------------------------------------------------------------------

#: Access denied, for whatever reason; account locked.
_DENIED = (1044, 1045, 1698, 3118, 4151)
#: In with an expired password, or without a right to do anything until it is changed.
_EXPIRED = (1820, 1862)
_TLS_ONLY = 3159


def mysql(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether MySQL or MariaDB takes a login."""
    pymysql = _library("pymysql", "PyMySQL")
    for tls in (None, unverified_tls_context()):
        try:
            link = pymysql.connect(
                host=address,
                port=port,
                user=account,
                password=password,
                connect_timeout=seconds,
                read_timeout=seconds,
                write_timeout=seconds,
                ssl=tls,
            )
        except pymysql.err.MySQLError as problem:
            number = problem.args[0] if problem.args else 0
            if number in _DENIED or number in _EXPIRED:
                return number in _EXPIRED
            # It refuses before it looks at the password.
            if number == _TLS_ONLY and tls is None:
                continue
            raise Unanswered(_first_line(problem)) from problem
        link.close()
        return True
    return False


# -- MongoDB --------------------------------------------------------------------------------------------------------

_WRONG, _UNAUTHORIZED = 18, 13


def mongodb(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether MongoDB takes a login; an empty account and password stand for asking for none."""
    pymongo = _library("pymongo", "pymongo")
    errors = _library("pymongo.errors", "pymongo")
    wait = int(seconds * 1000)
    login = {"username": account, "password": password, "authSource": "admin"} if account else {}
    client = pymongo.MongoClient(
        address,
        port,
        directConnection=True,
        maxPoolSize=1,
        retryReads=False,
        serverSelectionTimeoutMS=wait,
        connectTimeoutMS=wait,
        socketTimeoutMS=wait,
        **login,
    )
    try:
        client.admin.command("listDatabases", nameOnly=True)
    except errors.OperationFailure as problem:
        if problem.code in (_WRONG, _UNAUTHORIZED):
            # Who is let in and may not list databases is let in.
            return problem.code == _UNAUTHORIZED and bool(account)
        raise Unanswered(_first_line(problem)) from problem
    except (errors.PyMongoError, OSError) as problem:
        raise Unanswered("no answer of a MongoDB") from problem
    finally:
        client.close()
    return True
