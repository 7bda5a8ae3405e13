# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workstations cannot browse the network: not even the machine beside them, in the same segment, can be found.

What no packet filter can hide is which addresses are in use on a link: IP itself asks for them (ARP, neighbour
discovery).
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY

from .conftest import HERE, Intent, Sink, attempt, without_firewall

if TYPE_CHECKING:
    from tests.support.lab import Lab

UDP, ICMP = 17, (1, 58)
SWEEP = (REPOSITORY / "tests/behaviour/firewall/sweep.py").read_text(encoding="utf-8")

pytestmark = pytest.mark.usefixtures("listeners")


@pytest.fixture(scope="module", params=["debian12", "debian13"])
def release(request: pytest.FixtureRequest) -> str:
    """The release of two workstations that share a segment."""
    return str(request.param)


@pytest.fixture(scope="module")
def pair(lab: Lab, intent: Intent, release: str) -> tuple[str, str]:
    """Two workstations in one segment."""
    seats = sorted(name for name in intent.of_class("client") if lab.release(name) == release)
    first, second = seats
    assert intent.hosts[first]["segment"] == intent.hosts[second]["segment"]
    return first, second


def discover(lab: Lab, intent: Intent, name: str) -> set[str]:
    """The hosts that show themselves to one that asks everybody on its link."""
    subnets = intent.model["segments"][intent.hosts[name]["segment"]]["subnets"]
    broadcast = next(str(ipaddress.ip_network(net).broadcast_address) for net in subnets if ":" not in net)
    done = lab.run(name, f"python3 - {broadcast}", stdin=(HERE / "discover.py").read_text(encoding="utf-8"))
    assert done.rc == 0, done.stderr
    heard = set(json.loads(done.stdout))
    # This machine has a leg on every segment of the lab; it is no host of the site.
    return {host for host in intent.hosts if host != name and heard & every_address(lab, host)}


def every_address(lab: Lab, name: str) -> set[str]:
    """A host's addresses, the link-local ones too."""
    links = json.loads(lab.run(name, "ip -json address").stdout)
    return {entry["local"] for link in links for entry in link["addr_info"] if link["ifname"] != "lo"}


@pytest.mark.proof("no-network-browsing.not-reached", "no-network-browsing.not-discovered")
@pytest.mark.control("firewall.default_deny_outbound")
def test_a_workstation_finds_nobody(lab: Lab, intent: Intent, pair: tuple[str, str]) -> None:
    """It hears nobody, and not one of its questions reaches the wire; nor does the other let a port answer."""
    first, second = pair
    with Sink(lab, second).open() as seen:
        assert discover(lab, intent, first) == set()
        tries = [
            (protocol, address, port)
            for address in (lab.address(second), lab.address6(second))
            for protocol, ports in (("tcp", (22, 23, 139, 445, 3389, 5432, 8088)), ("udp", (53, 137, 5353)))
            for port in ports
        ]
        assert set(attempt(lab, first, tries).values()) == {"silent"}
    theirs = every_address(lab, first)
    assert [packet for packet in seen if packet["source"] in theirs and packet["protocol"] == UDP] == []


@pytest.mark.proof("no-network-browsing.not-reached", "no-network-browsing.not-discovered")
@pytest.mark.control("firewall.default_deny_inbound")
def test_a_strangers_machine_finds_nobody_either(lab: Lab, intent: Intent, pair: tuple[str, str]) -> None:
    """One in the segment that filters nothing: its questions arrive, and still no station and no gateway answers."""
    first, second = pair
    with without_firewall(lab, first):
        with Sink(lab, second).open() as seen:
            assert discover(lab, intent, first) == set()
        asked = {packet["port"] for packet in seen if packet["source"] in every_address(lab, first)}
        assert {137, 1900, 3702, 5353, 5355} <= asked, "the questions did not arrive, so this would prove nothing"
        for address, mine in ((lab.address(second), lab.address(first)), (lab.address6(second), lab.address6(first))):
            swept = lab.run(first, f"python3 - {mine} {address}", stdin=SWEEP, timeout=120)
            assert json.loads(swept.stdout) == {}, swept.stderr
        with without_firewall(lab, second):
            assert discover(lab, intent, first) == {second}, "nobody could be found at all: this would prove nothing"


@pytest.mark.proof("no-network-browsing.not-discovered")
@pytest.mark.control("firewall.default_deny_outbound")
def test_a_workstation_does_not_show_itself(lab: Lab, intent: Intent, pair: tuple[str, str]) -> None:
    """What a station announces by itself never reaches a stranger beside it."""
    first, second = pair
    with Sink(lab, first).open() as seen:
        discover(lab, intent, second)
    theirs = every_address(lab, second)
    assert [packet for packet in seen if packet["source"] in theirs and packet["protocol"] not in ICMP] == []
