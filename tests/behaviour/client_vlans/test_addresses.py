# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real DHCP client and a real kernel ask for addresses on each segment."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest

from .conftest import PEER, eventually

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

    from .conftest import Gateway

# A machine of its own in the segment: another link address, and a network namespace that lives as long as this runs.
# What udhcpc is told goes to standard output instead of into the peer's files.
TOLD = """#!/bin/sh
test "$1" != bound || echo "lease ip=$ip router=$router dns=$dns subnet=$subnet serverid=$serverid"
"""
CLIENT = """
set -eu
ip link add link "$1" name t$$ type macvlan mode bridge
unshare --net sleep 60 &
holder=$!
trap 'kill $holder; ip link delete t$$ 2>/dev/null || :' EXIT
sleep 0.3
ip link set t$$ netns $holder name behaviour0
nsenter --target $holder --net sh -c '
  ip link set lo up; ip link set behaviour0 up
  udhcpc -i behaviour0 -n -q -f -t 3 -T 2 -s "$0" || echo no lease
  for i in $(seq 30); do ip -6 address show behaviour0 scope global | grep -q inet6 && break; sleep 0.1; done
  ip -6 -br address show behaviour0 scope global; ip -6 route show default' /run/behaviour-udhcpc-$1
"""


def ask(lab: Lab, interface: str) -> Completed:
    """A new machine comes up behind an interface of the peer."""
    script = f"/run/behaviour-udhcpc-{interface}"
    # In one step: the peer is that of the other release's gateway as well.
    lab.run(PEER, f"cat > {script}.$$ && chmod 0755 {script}.$$ && mv {script}.$$ {script}", stdin=TOLD)
    return lab.run(PEER, f"sh -s {interface}", stdin=CLIENT)


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.address_assignment")
@pytest.mark.parametrize(("segment", "first", "last"), [("acme", 100, 119), ("globex", 150, 159)])
def test_a_new_workstation_gets_an_address_of_its_segment(
    *, lab: Lab, gateway: Gateway, segment: str, first: int, last: int
) -> None:
    """From the right range, with the gateway as router and the name servers that were declared; IPv6 by prefix."""
    leg = gateway.legs[segment]
    assert eventually(lambda: gateway.run("ss -Hlun sport = :67").stdout.strip() != "", 10)
    done = ask(lab, leg.peer_interface)
    lease = next(line for line in done.stdout.splitlines() if line.startswith("lease "))
    told = dict(word.split("=", 1) for word in lease.split()[1:] if "=" in word)
    mine4, mine6 = leg.addresses
    network = ipaddress.ip_network(f"{mine4}/24", strict=False)
    address = ipaddress.ip_address(told["ip"])
    assert address in network
    assert first <= int(address) - int(network.network_address) <= last
    assert (told["router"], told["serverid"], told["subnet"]) == (mine4, mine4, "255.255.255.0")
    assert told["dns"] == (mine4 if segment == "acme" else "192.0.2.53")
    six = ipaddress.ip_network(f"{mine6}/64", strict=False)
    shown = next(line for line in done.stdout.splitlines() if line.startswith("behaviour0"))
    assert any(ipaddress.ip_interface(word).ip in six for word in shown.split() if ":" in word), done.stdout
    local = gateway.run(f"ip -6 -br address show {leg.interface} scope link").stdout.split()[2].split("/")[0]
    assert f"default via {local} dev behaviour0 proto ra" in done.stdout


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.address_assignment")
@pytest.mark.parametrize("segment", ["tests", "trunk"])
def test_where_nothing_is_told_nothing_is_handed_out(lab: Lab, gateway: Gateway, segment: str) -> None:
    """Neither an address nor a route, on a segment without a range and on the untagged trunk."""
    done = ask(lab, gateway.legs[segment].peer_interface)
    assert "no lease" in done.stdout
    assert "default" not in done.stdout


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.address_assignment")
def test_port_53_is_left_to_its_owner(gateway: Gateway) -> None:
    """The same program could answer DNS, which is up to the web filter's resolver."""
    assert gateway.run("pgrep -x dnsmasq").stdout.strip()
    assert "dnsmasq" not in gateway.run("ss -Hlntup sport = :53").stdout
