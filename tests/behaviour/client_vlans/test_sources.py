# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real frames with right and wrong sources: what does not belong to a segment never gets past its interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, PEER, eventually

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Gateway

OUTSIDE = ("198.51.100.7", "2001:db8:66::7")


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.parametrize("segment", ["acme", "globex", "tests"])
def test_the_right_source_comes_in(lab: Lab, gateway: Gateway, segment: str) -> None:
    """A host of the segment is answered, over IPv4 and IPv6, and the witness sees frames made like those below."""
    leg = gateway.legs[segment]
    assert len(leg.pairs()) == 2
    pings = (f"ping -c 1 -W 3 -I {leg.peer_interface} {mine}" for _theirs, mine in leg.pairs())
    done = lab.run(PEER, " && ".join(pings))
    assert done.rc == 0, done.stdout
    gateway.witness()
    gateway.send(segment, leg.pairs())
    assert eventually(lambda: set(leg.peer_addresses) <= gateway.came_in(leg.interface))


def forged(gateway: Gateway, segment: str, kind: str) -> list[str]:
    """Sources that have no business in a segment."""
    other = "globex" if segment == "acme" else "acme"
    return {
        "of another segment": list(gateway.legs[other].peer_addresses),
        "of nobody here": list(OUTSIDE),
        "of the gateway in another segment": list(gateway.legs[other].addresses),
    }[kind]


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.claim("external-access-limited")
@pytest.mark.claim("card-data-no-internet")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.parametrize("kind", ["of another segment", "of nobody here", "of the gateway in another segment"])
@pytest.mark.parametrize("segment", ["acme", "globex"])
def test_a_foreign_source_is_dropped_and_counted(gateway: Gateway, segment: str, kind: str) -> None:
    """Over IPv4 and IPv6, addressed to the gateway and to another segment: not one packet gets past."""
    leg = gateway.legs[segment]
    beyond = gateway.legs["globex" if segment == "acme" else "acme"].peer_addresses
    sources = forged(gateway, segment, kind)
    pairs = [(one, to) for one in sources for to in (*leg.addresses, *beyond) if (":" in one) == (":" in to)]
    assert len(pairs) == 4
    before = gateway.dropped(f"{segment} foreign source")
    gateway.send(segment, pairs)
    assert eventually(lambda: gateway.dropped(f"{segment} foreign source") == before + 4)
    assert not set(sources) & gateway.came_in(leg.interface)


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.control("client_vlans.source_addresses")
def test_nobody_else_is_the_gateway(gateway: Gateway) -> None:
    """A packet that says it is from the gateway's own address there is dropped, although that is in the subnet."""
    leg = gateway.legs["acme"]
    before = gateway.dropped("acme our own address")
    gateway.send("acme", [(mine, mine) for mine in leg.addresses])
    assert eventually(lambda: gateway.dropped("acme our own address") == before + 2)
    assert not set(leg.addresses) & gateway.came_in(leg.interface)


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.claim("external-access-limited")
@pytest.mark.control("client_vlans.source_addresses")
def test_an_interface_that_is_no_segments_brings_no_segments_address(gateway: Gateway, lab: Lab) -> None:
    """An uplink, say: what comes in there with a client's address is dropped, what has an address of its own is not."""
    gateway.run("ip link add uplink0 type veth peer name uplink1; ip link set uplink0 up; ip link set uplink1 up")
    try:
        mac = gateway.mac("uplink0")
        sources = (*gateway.legs["acme"].peer_addresses, *OUTSIDE)
        program = (HERE / "frames.py").read_text(encoding="utf-8")
        before = gateway.dropped("bound to a segment")
        ends = " ".join(f"{one} {'2001:db8::9' if ':' in one else '192.0.2.9'}" for one in sources)
        done = lab.run(gateway.name, f"python3 - uplink1 {mac} udp {ends}", stdin=program)
        assert done.rc == 0, done.stderr
        assert eventually(lambda: set(OUTSIDE) <= gateway.came_in("uplink0"))
        assert gateway.dropped("bound to a segment") == before + 2
        assert not set(gateway.legs["acme"].peer_addresses) & gateway.came_in("uplink0")
    finally:
        gateway.run("ip link delete uplink0")


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.no_native_vlan")
def test_untagged_frames_on_the_trunk_reach_nothing(gateway: Gateway) -> None:
    """Whatever their source, that of the segment on the trunk among them; and the trunk itself has no address."""
    assert gateway.run("ip -br address show eth3").stdout.split()[2:] == []
    sources = ("192.0.2.66", "2001:db8:30::66", *OUTSIDE, *gateway.legs["acme"].peer_addresses)
    before = gateway.dropped("untagged")
    gateway.send("trunk", [(one, gateway.legs["acme"].addresses[":" in one]) for one in sources])
    assert eventually(lambda: gateway.dropped("untagged") >= before + len(sources))
    assert not gateway.came_in("eth3")


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.router_advertisements")
def test_a_rogue_router_is_not_heard(gateway: Gateway, lab: Lab) -> None:
    """Its advertisement is dropped and counted, in every segment: the gateway learns no route and no prefix of it."""
    for segment in ("acme", "globex", "tests"):
        leg = gateway.legs[segment]
        shown = lab.run(PEER, f"ip -6 -br address show {leg.peer_interface} scope link").stdout
        source = shown.split()[2].split("/")[0]
        before = gateway.dropped(f"{segment} router advertisement")
        gateway.send(segment, [(source, "ff02::1")], "advertisement")
        said = f"{segment} router advertisement"
        # The gateway of the other release may advertise itself on the segment that both are on.
        assert eventually(lambda before=before, said=said: gateway.dropped(said) > before)
    assert '"packets": 0' in gateway.run("nft -j list counter inet witness advertisements").stdout
    assert "proto ra" not in gateway.run("ip -6 route").stdout
    assert "2001:db8:666" not in gateway.run("ip -6 address").stdout
