# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``proxy_answers``: what the running proxy says to a workstation of a client.

Asked from this host in the name of a workstation, which the proxy believes the host itself only. Nothing is opened
outside: ask for what has to be refused.

Parameters: ``port``; ``source``: an address or subnet of the client, whose first address asks; ``requests``: a list of
"GET URL" or "CONNECT HOST:PORT". Observes ``statuses`` (a mapping from each request to the HTTP status as text) and
``page`` (the body of the last answer).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation

_SECONDS = 5.0


def _address(source: str) -> str:
    """The address that asks: the first that a workstation can have."""
    network = ipaddress.ip_network(source, strict=False)
    return str(network.network_address if network.num_addresses == 1 else network.network_address + 1)


def _ask(port: int, source: str, request: str) -> tuple[str, str]:
    """The status and the body of the answer to one request."""
    method, _blank, target = request.partition(" ")
    lines = ("Host: ringfence.invalid", f"X-Forwarded-For: {source}", "Connection: close", "", "")
    text = "\r\n".join((f"{method} {target} HTTP/1.1", *lines))
    with socket.create_connection(("127.0.0.1", port), _SECONDS) as line:
        line.sendall(text.encode())
        seen = b""
        while len(seen) < 65536:
            more = line.recv(8192)
            seen += more
            # After a CONNECT that is let through the proxy waits for us.
            if not more or (method == "CONNECT" and seen.startswith(b"HTTP/1.1 200")):
                break
    head, _blank_line, body = seen.decode("utf-8", "replace").partition("\r\n\r\n")
    words = head.split(None, 2)
    return (words[1] if len(words) > 1 else "none"), body


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the proxy of this host."""
    if host.root != "/":
        raise NotObservable("a running proxy is asked on the host itself only")
    port, source = int(params["port"]), _address(str(params["source"]))
    statuses: dict[str, str] = {}
    page = ""
    for request in params["requests"]:
        try:
            statuses[str(request)], page = _ask(port, source, str(request))
        except ConnectionRefusedError as error:
            raise NotApplicable("no proxy answers here, so nothing passes it; its own check says so") from error
        except OSError as error:
            raise NotObservable(f"the proxy gives no answer to {request}: {error}") from error
    return Observation({"statuses": statuses, "page": page}, f"127.0.0.1:{port} as {source}")
