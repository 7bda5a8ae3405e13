# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prober sends to the listed addresses, in the listed way, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_control, segmentation_observer
from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_packets as packets
from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_prober as prober
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import Done, NftError
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_packets import Probe, Try

NONCE = 0x1234ABCC
TARGETS = [
    {"address": "10.1.40.10", "way": "wire", "tcp": [22, 80], "udp": [53], "echo": True},
    {"address": "10.1.40.10", "way": "host", "tcp": [5432], "udp": [], "echo": False},
    {"address": "fd01:40::10", "way": "wire", "tcp": [], "udp": [], "echo": True},
]


class Wire:
    """Stands for every socket: notes what is sent, and gives answers."""

    sent: list[tuple[str, Any]]
    answers: list[bytes]
    refuses: bool

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        self.is_wire = family == prober.socket.AF_PACKET

    def setblocking(self, flag: bool) -> None: ...

    def bind(self, place: Any) -> None: ...

    def close(self) -> None: ...

    def sendto(self, data: bytes, place: Any) -> None:
        if not self.is_wire and Wire.refuses:
            raise PermissionError
        Wire.sent.append(("wire" if self.is_wire else "host", (data, place)))

    def recvfrom(self, size: int) -> Any:
        return Wire.answers.pop(0), ("eth0", 0x0800, 0, 1, b"")


@pytest.fixture(autouse=True)
def wire(monkeypatch: pytest.MonkeyPatch) -> type[Wire]:
    Wire.sent, Wire.answers, Wire.refuses = [], [], False
    monkeypatch.setattr(prober.socket, "socket", Wire)
    monkeypatch.setattr(packets, "attach", lambda sock, code: None)
    monkeypatch.setattr(prober, "PATIENCE", 0.0)
    monkeypatch.setattr(prober.select, "select", lambda r, w, x, t: (r if Wire.answers else [], [], []))
    return Wire


HOPS = {address: prober.Hop("eth0", b"\2\0\0\0\0\1") for address in ("10.1.40.10", "fd01:40::10")}


def run(**options: Any) -> prober.Outcome:
    given = {"sources": ["10.1.10.11", "fd01:10::11"], "hops": HOPS, "time_limit": 60, **options}
    trying = prober.Prober(given["sources"], NONCE, rate=10000, hops=given["hops"])
    return trying.run(prober.tries_of(TARGETS), time_limit=given["time_limit"])


def destinations() -> set[tuple[str, str, int]]:
    """Whom the packets on the wire and through the host are for."""
    found = set()
    for way, (data, place) in Wire.sent:
        if way == "host":
            found.add((way, place[0], int.from_bytes(data[2:4], "big")))
        else:
            seen = packets.probe_in(data, NONCE)
            assert seen is not None
            found.add((way, seen.target, seen.port))
    return found


def test_the_list_is_what_is_sent() -> None:
    outcome = run()
    assert destinations() == {
        ("wire", "10.1.40.10", 22),
        ("wire", "10.1.40.10", 80),
        ("wire", "10.1.40.10", 53),
        ("wire", "10.1.40.10", 0),
        ("host", "10.1.40.10", 5432),
        ("wire", "fd01:40::10", 0),
    }
    assert outcome.packets == len(Wire.sent) == 6 * prober.ATTEMPTS
    assert (outcome.unsent, outcome.blocked) == (set(), set())


def test_what_the_own_firewall_keeps_in_is_told() -> None:
    Wire.refuses = True
    assert run().blocked == {Try("10.1.40.10", "tcp", 5432)}


def test_an_address_without_a_next_hop_or_a_source_is_unsent() -> None:
    gone = run(hops={"10.1.40.10": HOPS["10.1.40.10"]})
    assert gone.unsent == {Try("fd01:40::10", "icmpv6", 0)}
    assert run(sources=["10.1.10.11"]).unsent == {Try("fd01:40::10", "icmpv6", 0)}


def test_what_was_not_sent_in_time_is_told() -> None:
    outcome = run(time_limit=0)
    assert len(outcome.unsent) == 6
    assert Wire.sent == []


def test_an_answered_try_is_not_sent_again_and_a_listener_is_let_go() -> None:
    own_port = 61000 + (NONCE >> 1) % 4000
    head = packets.struct.pack("!HHIIBBHHH", 22, own_port, 7, NONCE + 1, 0x50, 0x12, 0, 0, 0)
    Wire.answers.append(packets.packet("10.1.40.10", "10.1.10.11", "tcp", head))
    outcome = run()
    assert outcome.answers == {Try("10.1.40.10", "tcp", 22): "open"}
    syns = [data for way, (data, _place) in Wire.sent if way == "wire" and data[22:24] == b"\0\x16" and data[33] == 2]
    resets = [data for way, (data, _place) in Wire.sent if way == "wire" and data[9] == 6 and data[33] == 4]
    assert (len(syns), len(resets)) == (1, 1)
    assert prober.told(outcome)["answers"] == [["10.1.40.10", "tcp", 22, "open"]]


def test_phases_come_from_other_ports() -> None:
    """A connection that a gateway knows from the negative control must not carry the probes after it."""
    assert prober.Prober([], NONCE, rate=1).own_port != prober.Prober([], NONCE | 1, rate=1).own_port


def test_sightings_are_put_together() -> None:
    seen = {("in", Probe(1, "10.1.10.11", "10.1.40.10", "tcp", port)) for port in (80, 22)}
    seen.add(("accepted", Probe(0, "10.1.10.11", "10.1.40.10", "icmp", 0)))
    assert segmentation_observer.told(seen) == [
        ["accepted", 0, "10.1.10.11", "10.1.40.10", "icmp", [0]],
        ["in", 1, "10.1.10.11", "10.1.40.10", "tcp", [22, 80]],
    ]


class Commands:
    """Stands for the host's commands."""

    def __init__(self, timer: int = 0) -> None:
        self.timer = timer
        self.ran: list[tuple[str, str]] = []
        self.listing = ""

    def __call__(self, argv: list[str], stdin: str = "") -> Done:
        self.ran.append((argv[0], " ".join(argv[1:]) + stdin))
        if argv[0] == "systemd-run":
            return Done(self.timer, "", "no bus")
        return Done(0, self.listing if "list" in argv else "", "")


ENDS = [{"source": "10.1.10.11", "target": "10.1.40.10"}, {"source": "fd01:10::11", "target": "fd01:40::10"}]


def test_the_timer_is_armed_before_the_way_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands()
    monkeypatch.setattr(segmentation_control, "run", commands)
    segmentation_control.plant(ENDS, 54321, 60)
    names = [name for name, text in commands.ran if name == "systemd-run" or "insert" in text]
    assert names == ["systemd-run", "nft"]
    text = commands.ran[-1][1]
    assert text.count("insert rule inet ringfence forward") == 4
    assert "ip saddr 10.1.10.11 ip daddr 10.1.40.10 meta l4proto { tcp, udp } th dport 54321 counter accept" in text
    assert "ip6 saddr fd01:10::11 ip6 daddr fd01:40::10 icmpv6 type echo-request counter accept" in text


def test_without_a_timer_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands(timer=1)
    monkeypatch.setattr(segmentation_control, "run", commands)
    with pytest.raises(NftError, match="nothing was opened"):
        segmentation_control.plant(ENDS, 54321, 60)
    assert not any("insert" in text for _name, text in commands.ran)


def test_only_what_the_test_opened_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands()
    commands.listing = (
        'tcp dport 22 counter packets 1 bytes 40 accept comment "administration-ssh" # handle 4\n'
        'th dport 54321 counter packets 1 bytes 40 accept comment "ringfence negative control" # handle 91\n'
    )
    monkeypatch.setattr(segmentation_control, "run", commands)
    assert segmentation_control.remove() == 1
    deleted = [text for _name, text in commands.ran if "delete" in text]
    assert deleted == ["-f -delete rule inet ringfence forward handle 91\n"]
