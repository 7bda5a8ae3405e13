# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins over the network, against servers of our own that speak as the real ones do."""

from __future__ import annotations

import base64
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import default_logins, network_logins
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vendor_defaults import Login

HERE = "127.0.0.1"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """A server in a thread; its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def speaker(speak: Callable[[Any], None]) -> socketserver.TCPServer:
    """A TCP server that says what a test wants."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            speak(self.request)

    return socketserver.TCPServer((HERE, 0), Handler)


class Web(BaseHTTPRequestHandler):
    """A device's web page behind admin and secret."""

    asks = True

    def do_GET(self) -> None:
        right = "Basic " + base64.b64encode(b"admin:secret").decode()
        if self.asks and self.headers.get("Authorization") != right:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="device"')
        else:
            self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class OpenWeb(Web):
    asks = False


@pytest.mark.parametrize(("password", "enters"), [("secret", True), ("other", False)])
def test_http_basic(password: str, *, enters: bool) -> None:
    with serving(HTTPServer((HERE, 0), Web)) as port:
        assert network_logins.http_basic(HERE, port, "admin", password, 3.0) is enters


def test_a_page_that_asks_for_nothing_proves_nothing() -> None:
    with serving(HTTPServer((HERE, 0), OpenWeb)) as port, pytest.raises(network_logins.Unanswered):
        network_logins.http_basic(HERE, port, "admin", "x", 3.0)


def freeswitch(channel: Any) -> None:
    channel.sendall(b"Content-Type: auth/request\n\n")
    right = b"auth ClueCon" in channel.recv(1024)
    reply = b"+OK accepted" if right else b"-ERR invalid"
    channel.sendall(b"Content-Type: command/reply\nReply-Text: " + reply + b"\n\n")


def asterisk(channel: Any) -> None:
    channel.sendall(b"Asterisk Call Manager/9.0.0\r\n")
    data = channel.recv(1024)
    right = b"Username: admin\r\nSecret: amp111\r\n" in data
    channel.sendall(b"Response: " + (b"Success" if right else b"Error") + b"\r\nMessage: x\r\n\r\n")


def rabbitmq(channel: Any) -> None:
    assert channel.recv(8) == b"AMQP\x00\x00\x09\x01"

    def frame(method: bytes) -> bytes:
        return struct.pack(">BHI", 1, 0, len(method)) + method + b"\xce"

    channel.sendall(frame(b"\x00\x0a\x00\x0a\x00\x09" + struct.pack(">I", 0)))
    if b"\x05PLAIN\x00\x00\x00\x0c\x00guest\x00guest\x05en_US" in channel.recv(1024):
        channel.sendall(frame(b"\x00\x0a\x00\x1e" + b"\x00" * 8))
    else:
        channel.sendall(frame(b"\x00\x0a\x00\x32" + b"\x01\x93"))


@pytest.mark.parametrize(
    ("speak", "login", "account", "password"),
    [
        (freeswitch, network_logins.esl, "", "ClueCon"),
        (asterisk, network_logins.ami, "admin", "amp111"),
        (rabbitmq, network_logins.amqp, "guest", "guest"),
    ],
)
def test_protocols(speak: Callable[[Any], None], login: Callable[..., bool], account: str, password: str) -> None:
    with serving(speaker(speak)) as port:
        assert login(HERE, port, account, password, 3.0)
        assert not login(HERE, port, account, "another", 3.0)


def test_a_broker_that_hangs_up_on_a_wrong_password() -> None:
    """As RabbitMQ does with clients that do not ask for a reason: the connection is reset."""

    def hang_up(channel: Any) -> None:
        channel.recv(8)
        channel.sendall(struct.pack(">BHI", 1, 0, 4) + b"\x00\x0a\x00\x0a\xce")
        channel.recv(1024)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(speaker(hang_up)) as port:
        assert not network_logins.amqp(HERE, port, "guest", "another", 3.0)


@pytest.mark.parametrize("login", [network_logins.esl, network_logins.ami, network_logins.amqp])
def test_something_else_at_the_port_is_not_tried(login: Callable[..., bool]) -> None:
    stranger = speaker(lambda channel: channel.sendall(b"220 hello\r\n\r\n"))
    with serving(stranger) as port, pytest.raises(network_logins.Unanswered):
        login(HERE, port, "a", "b", 3.0)


def login(account: str, password: str, *, port: int = 80, kind: str = "phone") -> Login:
    return Login(f"P-{password}", kind, "http_basic", account, password, port)


def test_no_account_gets_more_tries_than_it_may() -> None:
    logins = [login("admin", f"p{number}") for number in range(9)] + [login("user", "x")]
    kept = default_logins.limited(logins, 99)
    assert [one.account for one in kept] == ["admin"] * default_logins.MOST_TRIES + ["user"]


def test_own_logins_and_those_of_this_port_come_first() -> None:
    logins = [login("a", "1", port=8080), login("a", "2"), login("a", "3", kind="own"), login("a", "2", port=1)]
    assert [one.password for one in default_logins.chosen(logins, "http_basic", 80, [])] == ["3", "2", "1"]
    assert [one.password for one in default_logins.chosen(logins, "http_basic", 80, ["switch"])] == ["3"]


def test_a_whole_device() -> None:
    """One service opens, one is not there, and there is a pause between any two tries."""
    pauses: list[float] = []
    logins = [login("admin", one) for one in ("x", "secret", "y", "z", "late")]
    logins.append(Login("F", "pbx", "esl", "", "ClueCon"))
    with serving(HTTPServer((HERE, 0), Web)) as port:
        outcome = default_logins.attempt(
            HERE, [("http_basic", port), ("esl", 1)], logins, pause=7.0, sleep=pauses.append
        )
    assert outcome.opened == [f"http_basic {port}: admin (P-secret)"]
    assert outcome.unanswered == ["esl 1: Connection refused"]
    assert (outcome.tried, outcome.left_out) == (4, 2)
    assert pauses == [7.0] * 3
