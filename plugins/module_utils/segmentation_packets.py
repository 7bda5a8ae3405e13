# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of the segmentation test: made, recognised by their nonce, and filtered in the kernel.

A probe carries the run's nonce where every protocol has room for it: a TCP SYN in its sequence number, UDP and echo
requests in the first four bytes of what they carry. So whoever watches knows our packets from everybody else's.
"""

from __future__ import annotations

import array
import socket
import struct
from collections.abc import Sequence
from typing import NamedTuple

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
NAMES = {number: name for name, number in NUMBERS.items()}
SYN, RST, ACK = 0x02, 0x04, 0x10
_TEXT = b"ringfence segmentation test"
_ECHO = {"icmp": 8, "icmpv6": 128}
_ECHO_REPLY = {"icmp": 0, "icmpv6": 129}
_UNREACHABLE = {"icmp": (3, 3), "icmpv6": (1, 4)}  # type, and the code that means "port unreachable"
_SO_ATTACH_FILTER = 26
#: The lowest bit of a nonce tells the negative control (0) from the test itself (1).
PHASE_MASK = 0xFFFFFFFE


class Try(NamedTuple):
    """What is tried: ``port`` is 0 for echo requests."""

    target: str
    protocol: str
    port: int


class Probe(NamedTuple):
    """A packet of ours that somebody saw."""

    phase: int
    source: str
    target: str
    protocol: str
    port: int


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data if len(data) % 2 == 0 else data + b"\0")) if data else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _raw(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _sum(protocol: str, source: str, target: str, data: bytes) -> int:
    """The checksum of a segment; that of ICMP for IPv4 covers no addresses."""
    if len(data) % 2:
        data += b"\0"
    if protocol == "icmp":
        return _checksum(data)
    pseudo = _raw(source) + _raw(target) + struct.pack("!II", len(data), NUMBERS[protocol])
    return _checksum(pseudo + data)


def segment(source: str, wanted: Try, *, nonce: int, own_port: int) -> bytes:
    """The probe of one try without its IP header."""
    target, protocol, port = wanted
    if protocol == "tcp":
        return _tcp(source, target, (own_port, port), nonce, SYN)
    load = struct.pack("!I", nonce) + _TEXT + b"\0"  # of even length, as checksums like it
    if protocol == "udp":
        head = struct.pack("!HHHH", own_port, port, 8 + len(load), 0)
        value = _sum(protocol, source, target, head + load) or 0xFFFF
        return head[:6] + struct.pack("!H", value) + load
    head = struct.pack("!BBHHH", _ECHO[protocol], 0, 0, own_port, 1)
    value = _sum(protocol, source, target, head + load)
    return head[:2] + struct.pack("!H", value) + head[4:] + load


def farewell(source: str, wanted: Try, *, nonce: int, own_port: int) -> bytes:
    """What ends the connection that a target has begun to accept."""
    return _tcp(source, wanted.target, (own_port, wanted.port), (nonce + 1) & 0xFFFFFFFF, RST)


def _tcp(source: str, target: str, ports: tuple[int, int], sequence: int, flags: int) -> bytes:
    head = struct.pack("!HHIIBBHHH", *ports, sequence, 0, 5 << 4, flags, 1024 if flags == SYN else 0, 0, 0)
    return head[:16] + struct.pack("!H", _sum("tcp", source, target, head)) + head[18:]


def packet(source: str, target: str, protocol: str, load: bytes) -> bytes:
    """A segment with its IP header in front."""
    if ":" in target:
        head = struct.pack("!IHBB", 6 << 28, len(load), NUMBERS[protocol], 64)
        return head + _raw(source) + _raw(target) + load
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(load), 0, 0x4000, 64, NUMBERS[protocol], 0)
    head += _raw(source) + _raw(target)
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + load


class _Seen(NamedTuple):
    """An IP packet taken apart."""

    source: str
    target: str
    protocol: str
    load: bytes


def _apart(data: bytes) -> _Seen | None:
    """A packet that begins with its IP header; None when it is none of our protocols."""
    if len(data) >= 20 and data[0] >> 4 == 4:
        name = NAMES.get(data[9])
        source, target = (socket.inet_ntop(socket.AF_INET, data[at : at + 4]) for at in (12, 16))
        head = (data[0] & 15) * 4
    elif len(data) >= 40 and data[0] >> 4 == 6:
        name = NAMES.get(data[6])
        source, target = (socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24))
        head = 40
    else:
        return None
    return None if name is None else _Seen(source, target, name, data[head:])


def probe_in(data: bytes, nonce: int) -> Probe | None:
    """The probe that a packet with its IP header is; None when it is none of ours."""
    seen = _apart(data)
    return None if seen is None else probe_of(seen.source, seen.target, seen.protocol, seen.load, nonce)


def probe_of(source: str, target: str, protocol: str, load: bytes, nonce: int) -> Probe | None:
    """As probe_in, of a segment whose addresses are known."""
    if len(load) < (20 if protocol == "tcp" else 12):
        return None
    if protocol == "tcp":
        if load[13] & 0x3F != SYN:
            return None
        found = struct.unpack("!I", load[4:8])[0]
    else:
        if protocol in _ECHO and load[0] != _ECHO[protocol]:
            return None
        found = struct.unpack("!I", load[8:12])[0]
    if found & PHASE_MASK != nonce & PHASE_MASK:
        return None
    port = struct.unpack("!H", load[2:4])[0] if protocol in ("tcp", "udp") else 0
    return Probe(found & 1, source, target, protocol, port)


def answer_in(data: bytes, nonce: int, own_port: int) -> tuple[Try, str] | None:
    """Which try a packet answers and how: ``open``, ``refused`` (by the target itself) or ``rejected`` (on the way)."""
    seen = _apart(data)
    if seen is None or len(seen.load) < 8:
        return None
    if seen.protocol in ("tcp", "udp"):
        return _answer_of_port(seen, nonce, own_port)
    if seen.load[0] == _ECHO_REPLY[seen.protocol]:
        ours = len(seen.load) >= 12 and struct.unpack("!I", seen.load[8:12])[0] == nonce
        return (Try(seen.source, seen.protocol, 0), "open") if ours else None
    return _refusal(seen, own_port)


def _answer_of_port(seen: _Seen, nonce: int, own_port: int) -> tuple[Try, str] | None:
    port, to = struct.unpack("!HH", seen.load[:4])
    if to != own_port:
        return None
    if seen.protocol == "udp":
        return Try(seen.source, "udp", port), "open"
    if len(seen.load) < 20 or struct.unpack("!I", seen.load[8:12])[0] != (nonce + 1) & 0xFFFFFFFF:
        return None
    return Try(seen.source, "tcp", port), "refused" if seen.load[13] & RST else "open"


def _refusal(seen: _Seen, own_port: int) -> tuple[Try, str] | None:
    """An ICMP error: it carries the beginning of the packet that it is about."""
    kind, code = _UNREACHABLE[seen.protocol]
    inner = _apart(seen.load[8:]) if seen.load[0] == kind else None
    if inner is None or len(inner.load) < 8:
        return None
    if inner.protocol in ("tcp", "udp"):
        port_from, port = struct.unpack("!HH", inner.load[:4])
    else:
        port_from, port = struct.unpack("!H", inner.load[4:6])[0], 0
    if port_from != own_port:
        return None
    by_target = seen.source == inner.target and seen.load[1] == code
    return Try(inner.target, inner.protocol, port), "refused" if by_target else "rejected"


# --- filters in the kernel: a busy host's own traffic never reaches Python -------------------------------------------

_Code = Sequence[tuple[int, int, int, int]]
_LDB, _LDW_X, _LDH_X, _LDW, _AND, _JEQ, _JA, _LDX_HEAD, _LDX, _RET = (
    0x30,
    0x40,
    0x48,
    0x20,
    0x54,
    0x15,
    0x05,
    0xB1,
    0x01,
    0x06,
)
# Puts the length of the IP header into X and the protocol into A.
_HEAD: _Code = (
    (_LDB, 0, 0, 0),
    (_AND, 0, 0, 0xF0),
    (_JEQ, 0, 3, 0x40),
    (_LDX_HEAD, 0, 0, 0),
    (_LDB, 0, 0, 9),
    (_JA, 0, 0, 2),
    (_LDX, 0, 0, 40),
    (_LDB, 0, 0, 6),
)


def probes_only(nonce: int) -> _Code:
    """Lets packets of both phases through; they begin with their IP header."""
    return (
        *_HEAD,
        (_JEQ, 3, 0, 6),
        (_JEQ, 4, 0, 17),
        (_JEQ, 3, 0, 1),
        (_JEQ, 2, 6, 58),
        (_LDW_X, 0, 0, 4),
        (_JA, 0, 0, 1),
        (_LDW_X, 0, 0, 8),
        (_AND, 0, 0, PHASE_MASK),
        (_JEQ, 0, 1, nonce & PHASE_MASK),
        (_RET, 0, 0, 65535),
        (_RET, 0, 0, 0),
    )


def segments_only(nonce: int, protocol: str) -> _Code:
    """As probes_only, of packets that begin after their IP header."""
    return (
        (_LDW, 0, 0, 4 if protocol == "tcp" else 8),
        (_AND, 0, 0, PHASE_MASK),
        (_JEQ, 0, 1, nonce & PHASE_MASK),
        (_RET, 0, 0, 65535),
        (_RET, 0, 0, 0),
    )


def answers_only(nonce: int, own_port: int) -> _Code:
    """Lets through what may answer a probe."""
    return (
        *_HEAD,
        (_JEQ, 3, 0, 6),
        (_JEQ, 4, 0, 17),
        (_JEQ, 5, 0, 1),
        (_JEQ, 4, 5, 58),
        (_LDW_X, 0, 0, 8),
        (_JEQ, 2, 3, (nonce + 1) & 0xFFFFFFFF),
        (_LDH_X, 0, 0, 2),
        (_JEQ, 0, 1, own_port),
        (_RET, 0, 0, 65535),
        (_RET, 0, 0, 0),
    )


def attach(sock: socket.socket, code: _Code) -> None:
    """Put a filter on a socket."""
    program = array.array("B", b"".join(struct.pack("HBBI", *line) for line in code))
    address, _length = program.buffer_info()
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(code), address))
