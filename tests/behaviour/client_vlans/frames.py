# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends frames as it is told, with whatever source: runs as root on a host of the lab that no role hardens.

usage: python3 frames.py INTERFACE MAC WHAT SOURCE TARGET [SOURCE TARGET …]
    MAC     the link address of the gateway's interface there
    WHAT    udp: a datagram to port 9; advertisement: a router advertisement with a prefix and a default route
"""

from __future__ import annotations

import socket
import struct
import sys

PREFIX = "2001:db8:666::"


def packed(address: str) -> bytes:
    """An address as it stands in packets."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def summed(source: str, target: str, number: int, body: bytes, place: int) -> bytes:
    """A transport packet with its checksum at a place."""
    width = "!IHBB" if ":" in source else "!BBH"
    pseudo = packed(source) + packed(target)
    pseudo += (
        struct.pack("!IHBB", len(body), 0, 0, number) if ":" in source else struct.pack(width, 0, number, len(body))
    )
    return body[:place] + struct.pack("!H", checksum(pseudo + body)) + body[place + 2 :]


def packet(source: str, target: str, number: int, body: bytes, hops: int) -> bytes:
    """An IP packet around a body."""
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, len(body), number, hops) + packed(source) + packed(target) + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, hops, number, 0) + packed(source) + packed(target)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def datagram(source: str, target: str) -> bytes:
    """A datagram to the port that throws away."""
    body = struct.pack("!HHHH", 40000, 9, 8 + 4, 0) + b"test"
    return packet(source, target, 17, summed(source, target, 17, body, 6), 64)


def advertisement(source: str, target: str) -> bytes:
    """A router that wants to be everybody's."""
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 600, 600, 0) + packed(PREFIX)
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 600, 0, 0) + prefix
    return packet(source, target, 58, summed(source, target, 58, body, 2), 255)


def main() -> None:
    """Send them."""
    interface, mac, what, *ends = sys.argv[1:]
    made = {"udp": datagram, "advertisement": advertisement}[what]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, 0))
        for source, target in zip(ends[::2], ends[1::2]):
            kind = struct.pack("!H", 0x86DD if ":" in source else 0x0800)
            raw.send(bytes.fromhex(mac.replace(":", "")) + raw.getsockname()[4] + kind + made(source, target))


if __name__ == "__main__":
    main()
