# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a SYN to every TCP port of an address and lists the ports that answer: runs as root on hosts of the lab.

usage: python3 sweep.py SOURCE ADDRESS

Prints a JSON object: port -> ``open`` (SYN and ACK) or ``refused`` (RST). Silent ports do not appear.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time

SOURCE_PORT = 61999
SYN, RST = 0x02, 0x04


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def segment(source: str, address: str, port: int) -> bytes:
    """A TCP segment with nothing but SYN."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, source) + socket.inet_pton(family, address)
    head = struct.pack("!HHIIBBHHH", SOURCE_PORT, port, 1, 0, 5 << 4, SYN, 8192, 0, 0)
    if family == socket.AF_INET6:
        pseudo = packed + struct.pack("!IHBB", len(head), 0, 0, socket.IPPROTO_TCP)
    else:
        pseudo = packed + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(head))
    return head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]


def collect(raw: socket.socket, address: str, found: dict[int, str]) -> None:
    """Note every answer that has arrived."""
    while True:
        try:
            data, sender = raw.recvfrom(256)
        except BlockingIOError:
            return
        if raw.family == socket.AF_INET:
            data = data[(data[0] & 15) * 4 :]
        if sender[0] != address or len(data) < 20:
            continue
        port, mine = struct.unpack("!HH", data[:4])
        if mine == SOURCE_PORT:
            found.setdefault(port, "refused" if data[13] & RST else "open")


def main() -> None:
    """Sweep twice, as a packet may be lost."""
    source, address = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found: dict[int, str] = {}
    with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        raw.bind((source, 0))
        raw.setblocking(False)
        for _round in range(2):
            for port in range(1, 65536):
                try:
                    raw.sendto(segment(source, address, port), (address, 0))
                except BlockingIOError:
                    time.sleep(0.01)
                if port % 64 == 0:
                    collect(raw, address, found)
            time.sleep(1)
            collect(raw, address, found)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
