# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login over the network, for each kind of service: whether it opens. Runs on the controller.

Each function takes an address, a port, an account, a password and seconds to wait, and returns whether it was let in.
It raises OSError when there is nobody, and Unanswered when what is there does not ask as this service does.
"""

from __future__ import annotations

import base64
import http.client
import os
import socket
import struct
import subprocess
import tempfile
from typing import Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _services, _snmp
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.database_logins import (
    Unanswered,
    mongodb,
    mysql,
    postgresql,
    unverified_tls_context,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.form_login import http_form

__all__ = ["SERVICES", "Unanswered"]

_TLS_PORTS = (443, 4343, 8443)


def _connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


def _line_until(channel: socket.socket, end: bytes, limit: int = 8192) -> bytes:
    """What comes until ``end``, or until it closes."""
    data = b""
    while end not in data and len(data) < limit:
        more = channel.recv(1024)
        if not more:
            break
        data += more
    return data


def snmp(address: str, port: int, _account: str, password: str, seconds: float) -> bool:
    """Whether an agent answers to a community."""
    return bool(_snmp.answered(address, port, [password], seconds=min(seconds, 2.0)))


def redis(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether Redis takes a password; an empty one stands for asking for none."""
    with _connect(address, port, seconds) as channel:
        login = {"account": account, "password": password, "product": ""}
        answer = _services.redis_open(channel, [login])
    return bool(answer) if password else answer == [_services.ASKS_NOTHING]


def esl(address: str, port: int, _account: str, password: str, seconds: float) -> bool:
    """Whether the event socket of FreeSWITCH takes a password."""
    with _connect(address, port, seconds) as channel:
        if b"auth/request" not in _line_until(channel, b"\n\n"):
            raise Unanswered("no event socket of FreeSWITCH")
        channel.sendall(f"auth {password}\n\n".encode())
        return b"+OK" in _line_until(channel, b"\n\n")


def ami(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether the manager interface of Asterisk takes a login."""
    with _connect(address, port, seconds) as channel:
        if b"Asterisk" not in _line_until(channel, b"\n"):
            raise Unanswered("no manager interface of Asterisk")
        channel.sendall(f"Action: Login\r\nUsername: {account}\r\nSecret: {password}\r\nEvents: off\r\n\r\n".encode())
        return b"Response: Success" in _line_until(channel, b"\r\n\r\n")


def _frame(channel: socket.socket) -> bytes:
    """The class and method of a frame of AMQP and what follows; empty when the broker hung up."""
    head = b""
    while len(head) < 7:
        more = channel.recv(7 - len(head))
        if not more:
            return b""
        head += more
    size = struct.unpack(">BHI", head)[2]
    body = b""
    while len(body) < size + 1:
        more = channel.recv(size + 1 - len(body))
        if not more:
            return b""
        body += more
    return body[:-1]


def amqp(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether a broker of AMQP 0-9-1 takes a login (PLAIN)."""
    with _connect(address, port, seconds) as channel:
        channel.sendall(b"AMQP\x00\x00\x09\x01")
        if _frame(channel)[:4] != b"\x00\x0a\x00\x0a":
            raise Unanswered("no broker of AMQP 0-9-1")
        secret = b"\x00" + account.encode() + b"\x00" + password.encode()
        method = b"\x00\x0a\x00\x0b" + struct.pack(">I", 0) + b"\x05PLAIN" + struct.pack(">I", len(secret)) + secret
        method += b"\x05en_US"
        channel.sendall(struct.pack(">BHI", 1, 0, len(method)) + method + b"\xce")
        # Tune (10, 30) for who is let in; close, or a hang-up, for who is not.
        try:
            return _frame(channel)[:4] == b"\x00\x0a\x00\x1e"
        except ConnectionResetError:
            return False


def http_basic(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether a web server takes a login by basic authentication."""

    def status(headers: dict[str, str]) -> tuple[int, str]:
        if port in _TLS_PORTS:
            link: http.client.HTTPConnection = http.client.HTTPSConnection(
                address, port, timeout=seconds, context=unverified_tls_context()
            )
        else:
            link = http.client.HTTPConnection(address, port, timeout=seconds)
        try:
            link.request("GET", "/", headers=headers)
            answer = link.getresponse()
            return answer.status, str(answer.getheader("WWW-Authenticate", ""))
        except http.client.HTTPException as problem:
            raise Unanswered(f"no web server: {type(problem).__name__}") from problem
        finally:
            link.close()

    asked, how = status({})
    if asked != 401 or "basic" not in how.lower():
        raise Unanswered(f"it does not ask for basic authentication (status {asked})")
    login = base64.b64encode(f"{account}:{password}".encode()).decode()
    return status({"Authorization": f"Basic {login}"})[0] not in (401, 403, 429)


_ASK = "#!/bin/sh\nprintf '%s\\n' \"$RINGFENCE_ASKED\"\n"


def ssh(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether ssh takes a password. It goes to the client by an environment that only this user's processes see."""
    options = {
        "BatchMode": "no",
        "ConnectTimeout": str(int(seconds)),
        "ControlPath": "none",
        "HostKeyAlgorithms": "+ssh-rsa",
        "NumberOfPasswordPrompts": "1",
        "PreferredAuthentications": "password,keyboard-interactive",
        "PubkeyAuthentication": "no",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
    }
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        ask = os.path.join(folder, "ask")
        with open(ask, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o700)) as stream:
            stream.write(_ASK)
        argv = ["ssh", "-v", "-F", "none", "-p", str(port), "-l", account]
        argv += [word for pair in options.items() for word in ("-o", "=".join(pair))]
        environment = os.environ | {"SSH_ASKPASS": ask, "SSH_ASKPASS_REQUIRE": "force", "RINGFENCE_ASKED": password}
        try:
            done = subprocess.run(
                [*argv, address, "exit"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                env=environment,
                timeout=seconds + 15,
                check=False,
            )
        except subprocess.TimeoutExpired as problem:
            # Some devices keep the session open whatever they are told: they let it in.
            return "Authenticated to" in str(problem.stderr)
    if "Authenticated to" in done.stderr:
        return True
    if "Permission denied" in done.stderr or "Too many authentication failures" in done.stderr:
        return False
    raise Unanswered((done.stderr.strip().splitlines() or ["no ssh server"])[-1])


SERVICES: dict[str, Callable[[str, int, str, str, float], bool]] = {
    "ami": ami,
    "amqp": amqp,
    "esl": esl,
    "http_basic": http_basic,
    "http_form": http_form,
    "mongodb": mongodb,
    "mysql": mysql,
    "postgresql": postgresql,
    "redis": redis,
    "snmp": snmp,
    "ssh": ssh,
}
