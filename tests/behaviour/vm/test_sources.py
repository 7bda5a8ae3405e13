# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source addresses: a packet comes in only on the VLAN that its source belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import ACME, GLOBEX, OPEN, SERVER
from .frames import Frame, echo, udp

if TYPE_CHECKING:
    from .conftest import Wire

#: Sources that no segment has: the internet's, the host's own, nobody's.
ELSEWHERE = {
    4: ("198.51.100.7", "127.0.0.1", "10.63.99.254", "224.0.0.1"),
    6: ("2001:db8::7", "::1", "::", "fd63:0:0:99::fffe", "ff02::1"),
}


def forged(wire: Wire, version: int) -> list[str]:
    """Whom a host of acme may claim to be."""
    mine = [wire.address(GLOBEX, version), wire.address(SERVER, version)]
    mine += [wire.gateway(segment, version) for segment in ("acme", "globex", "management")]
    return [*mine, *ELSEWHERE[version]]


def to_server(wire: Wire, source: str, version: int) -> Frame:
    """A datagram that a flow allows, from a host of acme under any source."""
    return udp(source, wire.address(SERVER, version), OPEN, via=wire.up(ACME))


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.parametrize("version", [4, 6])
def test_a_foreign_source_gets_nothing_through(wire: Wire, version: int) -> None:
    """Every packet under a source of elsewhere reaches the gateway and ends there; one under the host's own goes on."""
    leg, server, vlan = wire.legs[ACME], wire.legs[SERVER], wire.vlans[10]
    sources = forged(wire, version)
    sent = [(leg, to_server(wire, source, version)) for source in sources]
    own = to_server(wire, wire.address(ACME, version), version)
    *seen, control = wire.exchange(sent, [vlan, server, wire.legs[GLOBEX]], (leg, own, server))
    assert dict(zip(sources, seen)) == {source: {vlan} for source in sources}
    assert control == {vlan, server}


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.parametrize("version", [4, 6])
def test_the_gateway_answers_no_foreign_source(wire: Wire, version: int) -> None:
    """A ping under another client's address brings that client no answer; under the host's own it brings one."""
    leg, other = wire.legs[ACME], wire.legs[GLOBEX]
    gateway = wire.gateway("acme", version)
    pretended = echo(wire.address(GLOBEX, version), gateway, via=wire.up(ACME))
    own = echo(wire.address(ACME, version), gateway, via=wire.up(ACME))
    seen, control = wire.exchange([(leg, pretended)], [leg, other], (leg, own, leg))
    assert seen == set()
    assert control == {leg}


def test_without_the_binding_a_foreign_source_gets_through(wire: Wire) -> None:
    """The control of the tests before: where the sources are not bound, a client passes for another one."""
    leg, server = wire.legs[ACME], wire.legs[SERVER]
    pretended = to_server(wire, wire.address(GLOBEX, 6), 6)
    wire.run("nft delete table inet ringfence_vlans")
    try:
        (seen,) = wire.exchange([], [server], (leg, pretended, server))
    finally:
        wire.run("systemctl reload ringfence-client-vlans.service")
    assert seen == {server}
