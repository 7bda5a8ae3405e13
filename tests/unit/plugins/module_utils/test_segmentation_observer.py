# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watch on a host: what it sees where, with sockets that give what a test has put on the wire."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_observer as observer
from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_packets as packets
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_packets import Probe, Try

NONCE = 0x1234ABCD
ENDS = {4: ("10.1.10.11", "10.1.40.10"), 6: ("fd01:10::11", "fd01:40::10")}
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
TO_HOST, TO_OTHERS, OUTGOING = 0, 3, 4
WIRE = (socket.AF_PACKET, socket.htons(3))


class Network:
    """What arrives, by the family and protocol of the socket that gets it."""

    def __init__(self) -> None:
        self.queues: dict[tuple[int, int], list[Any]] = {}
        self.filters: dict[tuple[int, int], Any] = {}
        self.has_ipv6 = True
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def select(
        self, sockets: list[Socket], writers: Any, failed: Any, patience: float
    ) -> tuple[list[Socket], Any, Any]:
        """The sockets that have something; where none has, the time passes."""
        ready = [one for one in sockets if self.queues.get(one.place)]
        if not ready:
            self.now += patience
        return ready, [], []


class Socket:
    """A socket of the network."""

    network: Network

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        if family == socket.AF_INET6 and not self.network.has_ipv6:
            raise OSError(97, "Address family not supported by protocol")
        self.place = (family, protocol)
        self.blocks = True
        self.options: list[tuple[int, int]] = []

    def setsockopt(self, level: int, name: int, value: int) -> None:
        if (level, name) == (socket.SOL_SOCKET, 33):
            raise PermissionError(1, "Operation not permitted")
        self.options.append((level, name))

    def setblocking(self, flag: bool) -> None:
        self.blocks = flag

    def _next(self) -> Any:
        assert not self.blocks, "it would wait for ever"
        queue = self.network.queues.get(self.place)
        if not queue:
            raise BlockingIOError
        return queue.pop(0)

    def recvfrom(self, size: int) -> Any:
        return self._next()

    def recv(self, size: int) -> Any:
        return self._next()

    def recvmsg(self, size: int, room: int) -> Any:
        assert (socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO) in self.options, "the target would not be told"
        assert room >= socket.CMSG_SPACE(20)
        return self._next()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """An empty one, and a clock that goes on while nothing arrives."""
    made = Network()
    monkeypatch.setattr(Socket, "network", made, raising=False)
    monkeypatch.setattr(socket, "socket", Socket)
    monkeypatch.setattr(observer, "select", made)
    monkeypatch.setattr(observer, "time", made)
    monkeypatch.setattr(packets, "attach", lambda sock, code: made.filters.__setitem__(sock.place, code))
    return made


def segment(version: int, protocol: str, port: int, nonce: int = NONCE) -> bytes:
    source, target = ENDS[version]
    return packets.segment(source, Try(target, protocol, port), nonce=nonce, own_port=61000)


def packet(version: int, protocol: str, port: int, nonce: int = NONCE) -> bytes:
    return packets.packet(*ENDS[version], protocol, segment(version, protocol, port, nonce))


def on_wire(data: bytes, direction: int = TO_HOST, kind: int = IPV4) -> tuple[bytes, Any]:
    """A packet as a packet socket gives it."""
    return data, ("eth0", kind, direction, 1, b"\2\0\0\0\0\1")


def accepted6(protocol: str, port: int, *, told: bool = True) -> Any:
    """A segment as a raw socket for IPv6 gives it: the target comes beside it, the source with its interface."""
    source, target = ENDS[6]
    beside = socket.inet_pton(socket.AF_INET6, target) + (2).to_bytes(4, "little")
    extra = [(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, b"\x40\0\0\0")]
    if told:
        extra.append((socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, beside))
    return segment(6, protocol, port), extra, 0, (f"{source}%eth0", 0, 0, 2)


def watched(network: Network, **arrived: list[Any]) -> set[observer.Sighting]:
    """What a watch of a second sees of what arrives: ``wire``, or a protocol with its version, such as ``tcp4``."""
    for name, queue in arrived.items():
        family = socket.AF_INET6 if name.endswith("6") else socket.AF_INET
        network.queues[WIRE if name == "wire" else (family, packets.NUMBERS[name[:-1]])] = queue
    watch = observer.Watch(NONCE)
    watch.run(1.0, lambda: False)
    return watch.seen


def seen(where: str, version: int, protocol: str, port: int, phase: int = 1) -> observer.Sighting:
    return where, Probe(phase, *ENDS[version], protocol, port)


def test_what_arrives_and_what_leaves_are_told_apart(network: Network) -> None:
    """What others send to each other and what is no IP is not ours, whatever it looks like."""
    found = watched(
        network,
        wire=[
            on_wire(packet(4, "tcp", 22)),
            on_wire(packet(4, "tcp", 23), OUTGOING),
            on_wire(packet(6, "udp", 53), OUTGOING, IPV6),
            on_wire(packet(4, "tcp", 24), TO_OTHERS),
            on_wire(packet(4, "tcp", 25), TO_HOST, ARP),
        ],
    )
    assert found == {seen("in", 4, "tcp", 22), seen("out", 4, "tcp", 23), seen("out", 6, "udp", 53)}


@pytest.mark.parametrize(("protocol", "port"), [("tcp", 22), ("udp", 53), ("icmp", 0)])
def test_what_the_firewall_let_through_is_accepted(network: Network, protocol: str, port: int) -> None:
    assert watched(network, **{f"{protocol}4": [packet(4, protocol, port)]}) == {seen("accepted", 4, protocol, port)}


@pytest.mark.parametrize(("protocol", "port"), [("tcp", 22), ("udp", 53), ("icmpv6", 0)])
def test_what_the_firewall_let_through_of_ipv6_is_accepted(network: Network, protocol: str, port: int) -> None:
    """From the addresses themselves, without the interface that the kernel adds; without a target it is nobody's."""
    found = watched(network, **{f"{protocol}6": [accepted6(protocol, port), accepted6(protocol, port, told=False)]})
    assert found == {seen("accepted", 6, protocol, port)}


def test_the_phase_is_told_and_other_runs_are_not_seen(network: Network) -> None:
    found = watched(network, tcp4=[packet(4, "tcp", 22, NONCE - 1), packet(4, "tcp", 22, NONCE + 2), b"\x45short"])
    assert found == {seen("accepted", 4, "tcp", 22, phase=0)}


def test_a_host_without_ipv6_is_watched_all_the_same(network: Network) -> None:
    network.has_ipv6 = False
    arrived: dict[str, list[Any]] = {"wire": [on_wire(packet(4, "udp", 53))], "udp4": [packet(4, "udp", 53)]}
    found = watched(network, **arrived, tcp6=[accepted6("tcp", 22)])
    assert found == {seen("in", 4, "udp", 53), seen("accepted", 4, "udp", 53)}


def test_every_socket_lets_the_kernel_keep_what_is_not_of_this_run(network: Network) -> None:
    """Those of IPv6 get packets without their header, so their filter looks elsewhere."""
    observer.Watch(NONCE)
    whole = {WIRE, *((socket.AF_INET, packets.NUMBERS[name]) for name in ("tcp", "udp", "icmp"))}
    parts = {(socket.AF_INET6, packets.NUMBERS[name]): name for name in ("tcp", "udp", "icmpv6")}
    assert network.filters == {
        **dict.fromkeys(whole, packets.probes_only(NONCE)),
        **{place: packets.segments_only(NONCE, name) for place, name in parts.items()},
    }


def test_a_flood_on_one_socket_does_not_keep_the_others_waiting(network: Network) -> None:
    """All of it is read in the end."""
    flood = [packet(4, "tcp", port) for port in range(1, 1201)]
    network.queues[socket.AF_INET, 6] = list(flood)
    network.queues[socket.AF_INET, 17] = [packet(4, "udp", 53)]
    watch = observer.Watch(NONCE)
    assert watch._read(0.0)
    assert network.queues[socket.AF_INET, 17] == []
    assert network.queues[socket.AF_INET, 6] != []
    watch.run(0.0, lambda: True)
    assert len(watch.seen) == len(flood) + 1


def test_what_has_arrived_when_it_is_told_to_stop_is_read(network: Network) -> None:
    """And then it stops, long before its time."""
    stops = iter([False, False, True])

    def stop() -> bool:
        now = next(stops)
        if now:
            network.queues[WIRE] = [on_wire(packet(4, "tcp", 443))]
        return now

    watch = observer.Watch(NONCE)
    watch.run(3600.0, stop)
    assert watch.seen == {seen("in", 4, "tcp", 443)}
    assert network.now < 1.0


def test_it_ends_by_itself(network: Network) -> None:
    observer.Watch(NONCE).run(20.0, lambda: False)
    assert 20.0 <= network.now < 21.0
