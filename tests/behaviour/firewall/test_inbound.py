# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incoming: ports that no rule lists give no answer at all, over IPv4 and IPv6; a listed one connects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import LISTED, UNLISTED

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

pytestmark = pytest.mark.usefixtures("listeners")
EXPECTED = {22: "open", LISTED: "open"}


@pytest.mark.proof("inbound-drop.silent-ipv4", "inbound-drop.silent-ipv6", "inbound-drop.listed-connects")
@pytest.mark.claim("external-access-limited")
@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.parametrize("version", [4, 6])
def test_of_all_tcp_ports_only_the_listed_answer(packets: Packets, name: str, version: int) -> None:
    """65535 ports from another host: no SYN-ACK and no RST but from the listed ones."""
    address = packets.addresses(name)[version == 6]
    assert packets.sweep(address) == EXPECTED


@pytest.mark.proof("inbound-drop.silent-ipv4", "inbound-drop.silent-ipv6", "inbound-drop.listed-connects")
@pytest.mark.control("firewall.default_deny_inbound")
def test_unlisted_services_that_run_are_silent(packets: Packets, name: str) -> None:
    """Services really listen there, TCP and UDP, and still nothing comes back; the listed port connects."""
    inside = packets.reach(name, [("tcp", "127.0.0.1", port) for port in UNLISTED])
    assert set(inside.values()) == {"answered"}, "the services do not run, so this would prove nothing"
    both = packets.addresses(name)
    hidden = [(kind, address, port) for kind in ("tcp", "udp") for address in both for port in UNLISTED]
    closed = [("udp", address, 61001) for address in both]
    listed = [("tcp", address, LISTED) for address in both]
    seen = packets.reach(packets.peer, hidden + closed + listed)
    assert {target: seen[target] for target in listed} == dict.fromkeys(listed, "answered")
    assert {target: seen[target] for target in hidden + closed} == dict.fromkeys(hidden + closed, "silent")


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.default_deny_inbound")
def test_echo_requests_are_not_answered_but_neighbours_are_found(lab: Lab, packets: Packets, name: str) -> None:
    """A ping is dropped; neighbour discovery works from nothing, so IPv6 itself keeps working."""
    address4, address6 = packets.addresses(name)
    for address in (address4, address6):
        assert lab.run(packets.peer, f"ping -c 2 -i 0.2 -W 1 {address}").rc == 1
    lab.run(packets.peer, "ip -6 neigh flush all")
    lab.run(name, "ip -6 neigh flush all")
    target = ("tcp", address6, LISTED)
    assert packets.reach(packets.peer, [target]) == {target: "answered"}


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.default_deny_inbound")
def test_what_is_dropped_is_counted(lab: Lab, packets: Packets, name: str) -> None:
    """The counter at the end of the chain grows with each dropped packet."""

    def dropped() -> int:
        listing = lab.run(name, "nft list chain inet ringfence input").stdout
        match = re.search(r'counter packets (\d+) bytes \d+ drop comment "ringfence dropped"', listing)
        assert match, listing
        return int(match[1])

    before = dropped()
    packets.reach(packets.peer, [("udp", packets.addresses(name)[0], UNLISTED[0])], seconds=0.5)
    assert dropped() > before
