# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least of SNMP that it takes to see whether an agent answers to a community (RFC 1157, RFC 1901)."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Sequence

from .base import Host

_SYSTEM = bytes([0x06, 0x06, 0x2B, 6, 1, 2, 1, 1])  # 1.3.6.1.2.1.1, which every agent has
_FOLDER = "/etc/snmp"
_FILES = (f"{_FOLDER}/snmpd.conf", f"{_FOLDER}/snmpd.local.conf", "/var/lib/snmp/snmpd.conf")


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    head = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + head + content


def request(community: str, number: int) -> bytes:
    """A GetNextRequest of version 2c for the first thing of the system group. number: 0 to 127."""
    binding = _tlv(0x30, _tlv(0x30, _SYSTEM + b"\x05\x00"))
    message = _tlv(0xA1, _tlv(2, bytes([number])) + b"\x02\x01\x00\x02\x01\x00" + binding)
    return _tlv(0x30, b"\x02\x01\x01" + _tlv(4, community.encode()) + message)


def is_answer(data: bytes, community: str) -> bool:
    """Whether this is an agent's response to a community of ours."""
    return data[:1] == b"\x30" and _tlv(4, community.encode()) + b"\xa2" in data[:300]


def answered(address: str, port: int, communities: Sequence[str], *, seconds: float = 1.5) -> list[str]:
    """The communities that the agent at an address answers to. Raises OSError when there is nobody.

    An agent is silent about a wrong community: all are asked at once, and there is one time to wait.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found: list[str] = []
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        channel.connect((address, port))
        for number, community in enumerate(communities):
            channel.send(request(community, number % 128))
        end = time.monotonic() + seconds
        while len(found) < len(communities) and time.monotonic() < end:
            channel.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = channel.recv(4096)
            except socket.timeout:
                break
            found += [one for one in communities if one not in found and is_answer(data, one)]
    return found


def configured(host: Host) -> list[tuple[str, str, int]]:
    """(community, file, line number) of every community in the agent's own configuration."""
    found = []
    queue, seen = list(_FILES), set()
    while queue:
        path = queue.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for number, line in enumerate((host.read(path) or "").splitlines(), 1):
            words = line.split("#", 1)[0].split()
            if len(words) < 2:
                continue
            key = words[0].lower()
            if key == "includedir":
                queue += [f"{words[1]}/{name}" for name in host.listdir(words[1]) if name.endswith(".conf")]
            elif key == "includefile":
                queue.append(words[1] if words[1].startswith("/") else f"{_FOLDER}/{words[1]}")
            elif re.fullmatch(r"r[ow]community6?", key):
                found.append((words[1], path, number))
            elif re.fullmatch(r"com2sec6?", key):
                rest = words[3:] if words[1] == "-Cn" else words[1:]
                found += [(rest[2], path, number)] if len(rest) > 2 else []
    return found
