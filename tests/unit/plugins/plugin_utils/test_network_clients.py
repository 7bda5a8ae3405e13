# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login forms and databases over the network, against small servers of our own.

The real PostgreSQL and MariaDB are asked by tests/behaviour/default_passwords; Debian has no MongoDB.
"""

from __future__ import annotations

import importlib
import socketserver
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import database_logins, form_login
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.database_logins import Unanswered

HERE = "127.0.0.1"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """A server in a thread; its port."""
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


# -- forms ----------------------------------------------------------------------------------------------------------

FORM = """<html><form action="/search"><input name="q"></form>
<form method="{method}" action="login?lang=en"><input type=hidden name="token" value="47&amp;11">
<input name="who"><input type="password" name="word"><button type="submit" name="go" value="1">Log in</button></form>"""
ONLY_PASSWORD = '<form method="post" action="/login"><input type="password" name="word"></form>'


class Site(BaseHTTPRequestHandler):
    """A device's pages behind admin and secret, which want their cookie and their hidden field back."""

    form = FORM.format(method="post")
    anybody = False
    refuses = 200
    elsewhere = ""
    tries: list[tuple[str, str]]

    def _answer(self, status: int, text: str = "", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path)
        if self.elsewhere:
            self._answer(302, Location=self.elsewhere)
        elif path.path == "/":
            self._answer(302, Location="/start/", Set_Cookie="visit=1; Path=/")
        elif path.path == "/start/":
            self._answer(200, self.form)
        elif path.path == "/start/inside":
            self._answer(200 if "in=yes" in self.headers.get("Cookie", "") else 403, "Welcome")
        else:
            self._log_in(path.query)

    def do_POST(self) -> None:
        self._log_in(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _log_in(self, sent: str) -> None:
        given = dict(urllib.parse.parse_qsl(sent))
        who, word = given.get("who", ""), given["word"]
        self.tries.append((who, word))
        whole = "visit=1" in self.headers.get("Cookie", "") and ("who" not in given or given.get("token") == "47&11")
        if self.anybody or (whole and word == "secret" and who in ("admin", "")):
            self._answer(303, Location="inside" if "who" in given else "/start/inside", Set_Cookie="in=yes")
        else:
            self._answer(self.refuses, self.form)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


def site(**settings: Any) -> tuple[HTTPServer, list[tuple[str, str]]]:
    tries: list[tuple[str, str]] = []
    return HTTPServer((HERE, 0), type("One", (Site,), {"tries": tries, **settings})), tries


@pytest.mark.parametrize(
    "settings", [{}, {"form": FORM.format(method="get")}, {"form": ONLY_PASSWORD}, {"refuses": 401}]
)
def test_a_form(settings: dict[str, Any]) -> None:
    server, tries = site(**settings)
    with serving(server) as port:
        assert form_login.http_form(HERE, port, "admin", "secret", 3.0)
        # The right login, and a stranger who is turned away.
        assert len(tries) == 2
        assert not form_login.http_form(HERE, port, "admin", "other", 3.0)
        assert [word for _who, word in tries].count("other") == len(tries) - 2 == 1


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"anybody": True}, "do not tell a right login from a wrong one"),
        ({"form": "<div id=app></div><script src=a.js></script>"}, "no login form"),
        ({"form": FORM.format(method="post").replace("login?", "http://192.0.2.1/login?")}, "another place"),
        ({"elsewhere": "http://192.0.2.1/"}, "another place"),
        ({"elsewhere": "/again"}, "round and round"),
    ],
)
def test_pages_that_prove_nothing(settings: dict[str, Any], why: str) -> None:
    server, _tries = site(**settings)
    with serving(server) as port, pytest.raises(Unanswered, match=why):
        form_login.http_form(HERE, port, "admin", "secret", 3.0)


# -- databases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [database_logins.postgresql, database_logins.mysql, database_logins.mongodb])
def test_a_client_that_is_missing_is_said(ask: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_name: str) -> Any:
        raise ImportError

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(Unanswered, match="is not installed on the controller"):
        ask(HERE, 1, "a", "b", 2.0)


class PostgreSQL(socketserver.StreamRequestHandler):
    """Asks for a password in the clear, as old servers do; app and secret are let in to nowhere."""

    refusal = b"SFATAL\x00C28P01\x00Mpassword authentication failed for user\x00\x00"
    nowhere = b'SFATAL\x00C3D000\x00Mdatabase "postgres" does not exist\x00\x00'

    def handle(self) -> None:
        head = self.rfile.read(8)
        if struct.unpack(">II", head)[1] == 80877103:
            self.wfile.write(b"N")
            return
        self.rfile.read(struct.unpack(">II", head)[0] - 8)
        self.wfile.write(b"R" + struct.pack(">II", 8, 3))
        if self.rfile.read(1) != b"p":
            return
        word = self.rfile.read(struct.unpack(">I", self.rfile.read(4))[0] - 4)
        said = self.nowhere if word == b"secret\x00" else self.refusal
        self.wfile.write(b"E" + struct.pack(">I", len(said) + 4) + said)


class NoEntry(PostgreSQL):
    refusal = b"SFATAL\x00C28000\x00Mno pg_hba.conf entry for host\x00\x00"


@pytest.fixture
def psycopg() -> Any:
    """The client, where it is installed."""
    return pytest.importorskip("psycopg")


def test_postgresql(psycopg: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of-whoever-runs-this")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    with serving(socketserver.ThreadingTCPServer((HERE, 0), PostgreSQL)) as port:
        assert database_logins.postgresql(HERE, port, "app", "secret", 3.0)
        assert not database_logins.postgresql(HERE, port, "app", "other", 3.0)
        assert not database_logins.postgresql(HERE, port, "app", "", 3.0)
    with (
        serving(socketserver.ThreadingTCPServer((HERE, 0), NoEntry)) as port,
        pytest.raises(Unanswered, match=r"pg_hba\.conf"),
    ):
        database_logins.postgresql(HERE, port, "app", "other", 3.0)


class MongoDB(socketserver.StreamRequestHandler):
    """A server that lets everybody list its databases, or nobody."""

    asks = True

    def handle(self) -> None:
        bson = importlib.import_module("bson")
        while head := self.rfile.read(16):
            size, number, _to, code = struct.unpack("<iiii", head)
            body = self.rfile.read(size - 16)
            # In front of the command: flags and a kind; in the greeting, an old query, flags, a name and two numbers.
            start = body.index(b"\x00", 4) + 9 if code == 2004 else 5
            command = bson.decode(body[start:])
            data = bson.encode(self._answer(next(iter(command))))
            if code == 2004:
                rest, kind = struct.pack("<iqii", 8, 0, 0, 1) + data, 1
            else:
                rest, kind = struct.pack("<i", 0) + b"\x00" + data, 2013
            self.wfile.write(struct.pack("<iiii", 16 + len(rest), 1, number, kind) + rest)

    def _answer(self, name: str) -> dict[str, Any]:
        if name.lower() in ("ismaster", "hello"):
            return {"ok": 1.0, "ismaster": True, "isWritablePrimary": True, "maxWireVersion": 21, "minWireVersion": 0}
        if name.startswith("sasl"):
            return {"ok": 0.0, "code": 18, "errmsg": "Authentication failed."}
        if name == "listDatabases" and not self.asks:
            return {"ok": 1.0, "databases": []}
        if name == "listDatabases":
            return {"ok": 0.0, "code": 13, "errmsg": "command listDatabases requires authentication"}
        return {"ok": 1.0}


class OpenMongoDB(MongoDB):
    asks = False


def test_mongodb() -> None:
    pytest.importorskip("pymongo")
    with serving(socketserver.ThreadingTCPServer((HERE, 0), MongoDB)) as port:
        assert not database_logins.mongodb(HERE, port, "", "", 3.0)
        assert not database_logins.mongodb(HERE, port, "admin", "admin", 3.0)
    with serving(socketserver.ThreadingTCPServer((HERE, 0), OpenMongoDB)) as port:
        assert database_logins.mongodb(HERE, port, "", "", 3.0)


def test_something_else_at_the_port_of_a_database() -> None:
    class Stranger(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"220 hello\r\n")

    for ask, library in ((database_logins.postgresql, "psycopg"), (database_logins.mysql, "pymysql")):
        pytest.importorskip(library)
        with (
            serving(socketserver.ThreadingTCPServer((HERE, 0), Stranger)) as port,
            pytest.raises((Unanswered, OSError)),
        ):
            ask(HERE, port, "a", "b", 2.0)
