# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""802.1Q: a frame gets as far as its own VLAN, whatever tags its sender puts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import ACME, GLOBEX, OPEN, PORT, SERVER, TAGGED, TRUNK, Place
from .frames import BROADCAST, Frame, echo, udp, who_has

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .conftest import Wire

pytestmark = [pytest.mark.claim("client-vlans")]
#: VLANs of the site, one that only administrators have, one of nobody's.
WRONG = (20, 30, 99, 666)


def shout(wire: Wire, host: str, tags: Sequence[int]) -> tuple[Place, Frame]:
    """What a host calls out to everybody on its wire, with these tags."""
    via = (BROADCAST, wire.links[host])
    return (host, "eth0"), udp(wire.address(host, 4), "255.255.255.255", OPEN, via=via, tags=tags)


def everywhere(wire: Wire) -> list[Place]:
    """The gateway's VLANs and all hosts."""
    return [*wire.vlans.values(), *wire.legs.values()]


def in_vlan(wire: Wire, vlan: int) -> set[Place]:
    """The gateway's and the hosts' ends of a VLAN."""
    return {wire.vlans[vlan], *(leg for host, leg in wire.legs.items() if wire.vlan(host) == vlan)}


@pytest.mark.control("client_vlans.interfaces")
def test_each_client_reaches_the_gateway_on_its_own_vlan(wire: Wire) -> None:
    """Over IPv4 and IPv6, from an access port and from a tagged link: the answer comes, and no other VLAN sees it."""
    pings = []
    for host, leg in wire.legs.items():
        for version in (4, 6):
            gateway = wire.gateway(wire.hosts[host]["segment"], version)
            pings.append((host, leg, echo(wire.address(host, version), gateway, via=wire.up(host))))
    last = pings[-1]
    seen = wire.exchange(
        [(leg, frame) for _host, leg, frame in pings[:-1]], everywhere(wire), (last[1], last[2], last[1])
    )
    for (host, leg, _frame), places in zip(pings, seen):
        own = in_vlan(wire, wire.vlan(host))
        assert {leg, wire.vlans[wire.vlan(host)]} <= places <= own, host


@pytest.mark.proof("client-vlans.tagged-frames")
@pytest.mark.control("client_vlans.interfaces")
def test_a_tag_of_another_vlan_goes_nowhere(wire: Wire) -> None:
    """A host's frame with any tag but its own is seen by nobody; the same frame with its own tag by its own VLAN."""
    sent = [shout(wire, host, [vlan]) for host in (ACME, TAGGED) for vlan in WRONG]
    sent.append(shout(wire, TAGGED, []))
    place, right = shout(wire, TAGGED, [10])
    *wrong, control = wire.exchange(sent, everywhere(wire), (place, right, wire.vlans[10]))
    assert wrong == [set()] * len(sent)
    assert control == in_vlan(wire, 10) - {wire.legs[TAGGED]}


@pytest.mark.proof("client-vlans.tagged-frames")
@pytest.mark.control("client_vlans.no_native_vlan")
@pytest.mark.parametrize("version", [4, 6])
def test_the_trunk_carries_nothing_without_a_known_tag(wire: Wire, version: int) -> None:
    """Even who is on the trunk gets nothing through without a tag, or with the tag of no segment of the trunk."""

    def to_server(*tags: int) -> Frame:
        ends = wire.address(ACME, version), wire.address(SERVER, version)
        return udp(*ends, OPEN, via=wire.up(ACME), tags=tags)

    sent = [(TRUNK, to_server(*tags)) for tags in ((), (0,), (1,), (99,), (666,), (4095,))]
    listen = [PORT, *everywhere(wire)]
    *wrong, control = wire.exchange(sent, listen, (TRUNK, to_server(10), wire.legs[SERVER]))
    assert wrong == [{PORT}] * len(sent)
    # The server says that nothing listens there, and quotes the datagram: that comes back the same way.
    assert {PORT, wire.vlans[10], wire.legs[SERVER]} <= control <= set(listen) - in_vlan(wire, 20)


@pytest.mark.control("client_vlans.no_native_vlan")
def test_the_gateway_answers_for_its_addresses_on_their_own_vlan_only(wire: Wire) -> None:
    """Who asks untagged or on another VLAN learns of no address; the last questions, on the right one, are answered."""
    asked = [
        (tags, wire.gateway(segment, version), source)
        for version, source in ((4, "10.63.10.77"), (6, "fd63:0:0:10::77"))
        for tags, segment in (
            ((), "acme"),
            ((), "management"),
            ((0,), "acme"),
            ((10,), "globex"),
            ((10,), "management"),
            ((20,), "acme"),
        )
    ]
    sent = [(TRUNK, who_has(target, source, tags)) for tags, target, source in asked]
    right6 = who_has(wire.gateway("acme", 6), "fd63:0:0:10::78", [10])
    right4 = who_has(wire.gateway("acme", 4), "10.63.10.78", [10])
    *wrong, answered6, answered4 = wire.exchange([*sent, (TRUNK, right6)], [TRUNK], (TRUNK, right4, TRUNK))
    assert dict(zip(asked, wrong)) == {question: set() for question in asked}
    assert answered6 == answered4 == {TRUNK}


def hops(wire: Wire) -> list[tuple[int, Place, Frame]]:
    """Frames with two tags: the VLAN of the inner one, where they are sent, and the frame."""
    found: list[tuple[int, Place, Frame]] = []
    for inner in (20, 30):
        for host in (ACME, TAGGED):
            found.append((inner, *shout(wire, host, [10, inner])))
        found.append((inner, TRUNK, shout(wire, ACME, [10, inner])[1]))
    found.append((10, TRUNK, shout(wire, GLOBEX, [20, 10])[1]))
    for place in ((ACME, "eth0"), TRUNK):
        routed = udp(wire.address(GLOBEX, 4), wire.address(SERVER, 4), OPEN, via=wire.up(ACME), tags=[10, 20])
        found.append((20, place, routed))
    return found


@pytest.mark.proof("client-vlans.double-tagged-frames")
@pytest.mark.control("client_vlans.interfaces")
def test_a_second_tag_does_not_hop(wire: Wire) -> None:
    """The inner tag is never looked at: not by the switch, not by the gateway."""
    sent = hops(wire)
    place, right = shout(wire, TAGGED, [10])
    seen = wire.exchange([shot[1:] for shot in sent], everywhere(wire), (place, right, wire.vlans[10]))
    for (inner, _place, _frame), places in zip(sent, seen):
        assert places & (in_vlan(wire, inner) | {wire.legs[SERVER]}) == set()
    assert wire.vlans[10] in seen[-1]


def test_a_second_tag_hops_where_a_native_vlan_is_used(wire: Wire) -> None:
    """The control of the test before: where the trunk carries the client's VLAN untagged, the inner tag decides."""
    place, frame = shout(wire, ACME, [10, 20])
    wire.run("bridge -n switch vlan add dev eth2 vid 10 untagged")
    try:
        (seen,) = wire.exchange([], everywhere(wire), (place, frame, wire.vlans[20]))
    finally:
        wire.run("bridge -n switch vlan add dev eth2 vid 10")
    assert wire.vlans[20] in seen
