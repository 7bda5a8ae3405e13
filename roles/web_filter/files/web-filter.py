# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What squid can't do by itself when it has read a new configuration. Written by the role web_filter.

usage: web-filter ready    wait until https can pass: squid finds out with the first request that its own second port
                           answers, and this is it
       web-filter cut      end open connections to sites that are not listed (any more), and no others
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import subprocess
import sys
import time

LISTS = "/etc/squid/ringfence/clients.json"
READY_SECONDS = 10


def asked(port, what):
    """A page of squid's cache manager."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(f"GET /squid-internal-mgr/{what} HTTP/1.0\r\n\r\n".encode())
        text = b""
        while True:
            more = line.recv(65536)
            if not more:
                return text.decode("utf-8", "replace")
            text += more


def ready(port):
    """Wait until squid has found its second port; the exit status."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            if re.search(r"^Status\s*: Up", asked(port, "server_list"), re.MULTILINE):
                return 0
        except OSError:
            pass
        time.sleep(0.05)
    print(f"squid did not find its own second port within {READY_SECONDS} s", file=sys.stderr)
    return 1


def requests(text, port):
    """The open requests of workstations: (address, port, host asked for) each."""
    for block in text.split("\n\n"):
        fields = dict(re.findall(r"^\s*(remote|local|uri)[: ]\s*(\S+)$", block, re.MULTILINE))
        if len(fields) < 3 or not fields["local"].endswith(f":{port}") or "squid-internal-mgr" in fields["uri"]:
            continue
        address, _colon, number = fields["remote"].rpartition(":")
        name = re.match(r"(?:[a-z]+://)?(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", fields["uri"])
        yield address.strip("[]"), int(number), name[1].lower() if name else ""


def listed(clients, address, name):
    """Whether a site is listed for the client of an address."""
    source = ipaddress.ip_address(address)
    for client in clients:
        if any(source in ipaddress.ip_network(network, strict=False) for network in client["sources"]):
            return any(
                name == site or (site.startswith("*.") and (name == site[2:] or name.endswith(site[1:])))
                for site in client["sites_allowed"]
            )
    return source.is_loopback


def cut(port, clients):
    """End what is not listed; the exit status."""
    status = 0
    for address, number, name in requests(asked(port, "active_requests"), port):
        if not listed(clients, address, name):
            far = f"[{address}]:{number}" if ":" in address else f"{address}:{number}"
            done = subprocess.run(
                ["ss", "-H", "-K", "-t", "dst", far, "sport", "=", f":{port}"],
                capture_output=True,
                text=True,
                check=False,
            )
            ended = bool(done.stdout.strip())
            print(f"{'ended' if ended else 'could not end'} the connection of {address} to {name}: not listed")
            status = status if ended else 1
    return status


def main():
    """Do what the first argument says."""
    with open(LISTS, encoding="utf-8") as stream:
        told = json.load(stream)
    if sys.argv[1:] == ["ready"]:
        return ready(told["port"])
    if sys.argv[1:] == ["cut"]:
        return cut(told["port"], told["clients"])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
