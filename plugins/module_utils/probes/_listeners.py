# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes of a name run here, and on what addresses they listen, from /proc alone."""

from __future__ import annotations

import ipaddress
import os
import re
import struct
from dataclasses import dataclass

from .base import Host, NotObservable

_TABLES = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}
#: The state of a listening TCP socket, and of an unconnected UDP one.
_WAITING = {"tcp": "0A", "udp": "07"}


@dataclass(frozen=True)
class Listener:
    """An address that a program of this host listens on. address: one that can be connected to from here."""

    address: str
    port: int

    @property
    def text(self) -> str:
        """ADDRESS:PORT as people write it."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def _link(host: Host, path: str) -> str:
    try:
        return os.readlink(host.at(path))
    except OSError:
        return ""


def processes(host: Host, name: str) -> list[str]:
    """The ids of the processes of this name in this host's own network, which containers' are not."""
    here = _link(host, "/proc/self/ns/net")
    return [
        pid
        for pid in host.listdir("/proc")
        if pid.isdigit() and _comm(host, pid) == name[:15] and _link(host, f"/proc/{pid}/ns/net") in ("", here)
    ]


def _comm(host: Host, pid: str) -> str:
    try:
        with open(host.at(f"/proc/{pid}/comm"), encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""  # it ended while we looked


def _reachable(packed: str) -> str:
    """An address of the kernel's table as one to connect to: the loopback one where it stands for all."""
    words = [packed[place : place + 8] for place in range(0, len(packed), 8)]
    raw = b"".join(struct.pack("=I", int(word, 16)) for word in words)
    address = ipaddress.ip_address(raw)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "::1"
    return str(address)


def _sockets(host: Host, pid: str) -> set[str] | None:
    """The inodes of a process' sockets; None when they may not be seen, as in a container without SYS_PTRACE."""
    found = set()
    try:
        descriptors = host.listdir(f"/proc/{pid}/fd")
    except NotObservable:
        return None
    for descriptor in descriptors:
        target = _link(host, f"/proc/{pid}/fd/{descriptor}")
        if not target:
            return None
        match = re.fullmatch(r"socket:\[(\d+)\]", target)
        if match:
            found.add(match[1])
    return found


def listeners(host: Host, name: str, protocol: str, usual: int) -> list[Listener]:
    """Where the processes of this name listen (tcp, udp), each place once, IPv4 first.

    usual: the port that is taken for theirs when it may not be seen which sockets they have.
    """
    found: set[Listener] = set()
    for pid in processes(host, name):
        inodes = _sockets(host, pid)
        for table in _TABLES[protocol]:
            for line in (host.read(f"/proc/{pid}/net/{table}") or "").splitlines()[1:]:
                fields = line.split()
                if len(fields) < 10 or fields[3] != _WAITING[protocol]:
                    continue
                packed, port = fields[1].split(":")
                if fields[9] in inodes if inodes is not None else int(port, 16) == usual:
                    found.add(Listener(_reachable(packed), int(port, 16)))
    return sorted(found, key=lambda one: (":" in one.address, one.address, one.port))
