# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes are recognised whole, and by nobody else's packets; the kernel's filter agrees with what reads them."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_packets as packets
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_packets import Probe, Try

ENDS = {4: ("10.1.10.11", "10.1.40.10"), 6: ("fd01:10::11", "fd01:40::10")}
NONCE, OWN_PORT = 0x1234ABCC, 61234
KINDS = [(4, "tcp"), (4, "udp"), (4, "icmp"), (6, "tcp"), (6, "udp"), (6, "icmpv6")]


def interpreted(code: Any, data: bytes) -> bool:
    """Whether a filter lets a packet through, as the kernel would run it: a load beyond the end is a refusal."""
    a = x = at = 0
    sizes = {0x30: ("!B", 0), 0x20: ("!I", 0), 0x40: ("!I", 1), 0x48: ("!H", 1)}
    while True:
        operation, yes, no, k = code[at]
        at += 1
        if operation == 0x06:
            return bool(k)
        if operation in sizes:
            form, indexed = sizes[operation]
            start = k + x * indexed
            if start + struct.calcsize(form) > len(data):
                return False
            (a,) = struct.unpack_from(form, data, start)
        elif operation == 0x54:
            a &= k
        elif operation == 0x15:
            at += yes if a == k else no
        elif operation == 0x05:
            at += k
        elif operation == 0xB1:
            x = 4 * (data[k] & 15)
        elif operation == 0x01:
            x = k
        else:
            raise AssertionError(hex(operation))


def probe(version: int, protocol: str, port: int, nonce: int = NONCE) -> bytes:
    source, target = ENDS[version]
    load = packets.segment(source, Try(target, protocol, port), nonce=nonce, own_port=OWN_PORT)
    return packets.packet(source, target, protocol, load)


def checksum_is_right(data: bytes) -> bool:
    """Ones' complement sum over header or pseudo header and segment is all ones."""
    if data[0] >> 4 == 4:
        head, number = data[:20], data[9]
        pseudo = b"" if number == 1 else data[12:20] + struct.pack("!HH", number, len(data) - 20)
        parts = [head, pseudo + data[20:]]
    else:
        parts = [data[8:40] + struct.pack("!II", len(data) - 40, data[6]) + data[40:]]
    for part in parts:
        even = part + b"\0" * (len(part) % 2)
        total = sum(struct.unpack(f"!{len(even) // 2}H", even))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        if total != 0xFFFF:
            return False
    return True


@pytest.mark.parametrize(("version", "protocol"), KINDS)
@given(port=st.integers(1, 65535), nonce=st.integers(0, 2**32 - 1))
@example(port=1, nonce=2**32 - 1)
def test_a_probe_is_read_back_and_let_through(version: int, protocol: str, port: int, nonce: int) -> None:
    port = port if protocol in ("tcp", "udp") else 0
    data = probe(version, protocol, port, nonce)
    assert packets.probe_in(data, nonce) == Probe(nonce & 1, *ENDS[version], protocol, port)
    assert checksum_is_right(data)
    assert interpreted(packets.probes_only(nonce), data)
    segment = data[40 if version == 6 else 20 :]
    assert packets.probe_of(*ENDS[version], protocol, segment, nonce) == packets.probe_in(data, nonce)
    assert interpreted(packets.segments_only(nonce, protocol), segment)


@pytest.mark.parametrize(("version", "protocol"), KINDS)
def test_both_phases_are_seen_and_other_runs_are_not(version: int, protocol: str) -> None:
    port = 80 if protocol in ("tcp", "udp") else 0
    for phase in (0, 1):
        found = packets.probe_in(probe(version, protocol, port, NONCE | phase), NONCE)
        assert found is not None
        assert found.phase == phase
    other = probe(version, protocol, port, NONCE + 2)
    assert packets.probe_in(other, NONCE) is None
    assert not interpreted(packets.probes_only(NONCE), other)


@given(st.binary(max_size=120))
@example(b"\x45" + b"\0" * 8 + b"\x06")
def test_any_bytes_are_read_without_a_crash(data: bytes) -> None:
    packets.probe_in(data, NONCE)
    packets.answer_in(data, NONCE, OWN_PORT)
    if data:
        interpreted(packets.probes_only(NONCE), data + b"\0" * 60)
        interpreted(packets.answers_only(NONCE, OWN_PORT), data + b"\0" * 60)


def answered(version: int, load: bytes, protocol: str, source: str = "") -> Any:
    """What an answer to us means, once the filter has let it through."""
    me, target = ENDS[version]
    data = packets.packet(source or target, me, protocol, load)
    found = packets.answer_in(data, NONCE, OWN_PORT)
    assert found is None or interpreted(packets.answers_only(NONCE, OWN_PORT), data)
    return found


def tcp(flags: int, ack: int, to: int = OWN_PORT) -> bytes:
    return struct.pack("!HHIIBBHHH", 443, to, 7, ack & 0xFFFFFFFF, 0x50, flags, 0, 0, 0)


@pytest.mark.parametrize("version", [4, 6])
def test_what_a_tcp_answer_means(version: int) -> None:
    wanted = Try(ENDS[version][1], "tcp", 443)
    assert answered(version, tcp(0x12, NONCE + 1), "tcp") == (wanted, "open")
    assert answered(version, tcp(0x14, NONCE + 1), "tcp") == (wanted, "refused")
    assert answered(version, tcp(0x12, NONCE + 2), "tcp") is None
    assert answered(version, tcp(0x12, NONCE + 1, to=22), "tcp") is None


@pytest.mark.parametrize(("version", "echo", "reply"), [(4, "icmp", 0), (6, "icmpv6", 129)])
def test_what_other_answers_mean(version: int, echo: str, reply: int) -> None:
    target = ENDS[version][1]
    assert answered(version, struct.pack("!HHHH", 53, OWN_PORT, 8, 0), "udp") == (Try(target, "udp", 53), "open")
    assert answered(version, struct.pack("!HHHH", 53, 99, 8, 0), "udp") is None
    mine = struct.pack("!BBHHHI", reply, 0, 0, OWN_PORT, 1, NONCE)
    assert answered(version, mine, echo) == (Try(target, echo, 0), "open")
    assert answered(version, mine[:-4] + b"\0\0\0\1", echo) is None


@pytest.mark.parametrize(("version", "icmp", "kind", "code"), [(4, "icmp", 3, 3), (6, "icmpv6", 1, 4)])
def test_unreachable_by_the_target_itself_differs_from_that_by_a_router(
    version: int, icmp: str, kind: int, code: int
) -> None:
    wanted = Try(ENDS[version][1], "udp", 161)
    error = struct.pack("!BBHI", kind, code, 0, 0) + probe(version, "udp", 161)
    router = "fd01:10::1" if version == 6 else "10.1.10.1"
    assert answered(version, error, icmp) == (wanted, "refused")
    assert answered(version, error, icmp, router) == (wanted, "rejected")
    assert answered(version, struct.pack("!BBHI", kind, 1, 0, 0) + error[8:], icmp) == (wanted, "rejected")


def test_a_farewell_is_no_probe() -> None:
    """The reset after an answer has the sequence number after the nonce, which is the other phase's."""
    source, target = ENDS[4]
    load = packets.farewell(source, Try(target, "tcp", 80), nonce=NONCE, own_port=OWN_PORT)
    data = packets.packet(source, target, "tcp", load)
    assert checksum_is_right(data)
    assert packets.probe_in(data, NONCE) is None
