# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames, built byte by byte: tags, addresses and sources are whatever a test wants them to be."""

from __future__ import annotations

import ipaddress
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

BROADCAST = "ff:ff:ff:ff:ff:ff"
TAG, IPV4, ARP, IPV6 = 0x8100, 0x0800, 0x0806, 0x86DD
UDP, ICMP, ICMPV6 = 17, 1, 58


def token() -> str:
    """Eight bytes by which a frame is known wherever it turns up."""
    return secrets.token_hex(8)


def stranger() -> str:
    """A link address that nobody has: what is answered to it is known by it."""
    return "02:" + ":".join(secrets.token_hex(1) for _byte in range(5))


@dataclass(frozen=True)
class Frame:
    """One frame and the bytes by which it, or the answer to it, is known."""

    data: bytes
    token: str = field(compare=False)


def hardware(address: str) -> bytes:
    """A link address as it stands in frames."""
    return bytes.fromhex(address.replace(":", ""))


def packed(address: str) -> bytes:
    """An IP address as it stands in packets."""
    return ipaddress.ip_address(address).packed


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(int(word) for word in struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return 0xFFFF - total


def ethernet(target: str, source: str, kind: int, content: bytes, tags: Sequence[int] = ()) -> bytes:
    """A frame with 802.1Q tags, the outer one first."""
    head = hardware(target) + hardware(source)
    for vlan in tags:
        head += struct.pack("!HH", TAG, vlan)
    return (head + struct.pack("!H", kind) + content).ljust(60, b"\0")


def packet(source: str, target: str, protocol: int, content: bytes) -> tuple[int, bytes]:
    """An IP packet and its kind, the checksum of what it carries left as it is."""
    if ":" in target:
        head = struct.pack("!IHBB", 6 << 28, len(content), protocol, 64) + packed(source) + packed(target)
        return IPV6, head + content
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), secrets.randbelow(65536), 0, 64, protocol, 0)
    head += packed(source) + packed(target)
    return IPV4, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + content


def _pseudo(source: str, target: str, protocol: int, length: int) -> bytes:
    if ":" in target:
        return packed(source) + packed(target) + struct.pack("!II", length, protocol)
    return packed(source) + packed(target) + struct.pack("!BBH", 0, protocol, length)


def udp(source: str, target: str, port: int, *, via: tuple[str, str], tags: Sequence[int] = ()) -> Frame:
    """A datagram in a frame.

    :param via: the link addresses it is for and from.
    """
    mark = token()
    content = bytes.fromhex(mark)
    head = struct.pack("!HHHH", 40000 + secrets.randbelow(20000), port, 8 + len(content), 0)
    total = checksum(_pseudo(source, target, UDP, 8 + len(content)) + head + content) or 0xFFFF
    kind, data = packet(source, target, UDP, head[:6] + struct.pack("!H", total) + content)
    return Frame(ethernet(*via, kind, data, tags), mark)


def echo(source: str, target: str, *, via: tuple[str, str], tags: Sequence[int] = ()) -> Frame:
    """A ping; its answer carries the token too."""
    mark = token()
    first, protocol = (128, ICMPV6) if ":" in target else (8, ICMP)
    body = struct.pack("!BBHHH", first, 0, 0, 7, 1) + bytes.fromhex(mark)
    total = checksum((_pseudo(source, target, protocol, len(body)) if protocol == ICMPV6 else b"") + body)
    kind, data = packet(source, target, protocol, body[:2] + struct.pack("!H", total) + body[4:])
    return Frame(ethernet(*via, kind, data, tags), mark)


def who_has(target: str, source: str, tags: Sequence[int] = ()) -> Frame:
    """The question for an address's link address, from a stranger: only an answer to the stranger carries the token.

    The question itself carries it as well: look where the question does not pass.
    """
    me = stranger()
    if ":" not in target:
        body = struct.pack("!HHBBH", 1, IPV4, 6, 4, 1) + hardware(me) + packed(source) + bytes(6) + packed(target)
        return Frame(ethernet(BROADCAST, me, ARP, body, tags), hardware(me).hex())
    low = packed(target)[-3:]
    group = str(ipaddress.IPv6Address(ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + low))
    body = struct.pack("!BBHI", 135, 0, 0, 0) + packed(target) + b"\x01\x01" + hardware(me)
    total = checksum(_pseudo(source, group, ICMPV6, len(body)) + body)
    body = body[:2] + struct.pack("!H", total) + body[4:]
    head = struct.pack("!IHBB", 6 << 28, len(body), ICMPV6, 255) + packed(source) + packed(group)
    everybody = "33:33:ff:" + ":".join(f"{byte:02x}" for byte in low)
    return Frame(ethernet(everybody, me, IPV6, head + body, tags), hardware(me).hex())
