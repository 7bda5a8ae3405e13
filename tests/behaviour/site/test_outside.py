# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site and the internet: what outside sees of the site, and what of the site arrives outside.

The host ``outside`` routes to the site without NAT, which no attacker on the internet has so easy.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lab import REPOSITORY

from .conftest import DISCOVERY, OUTSIDE, Intent, Sink, attempt, without_firewall

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Try

SWEEP = (REPOSITORY / "tests/behaviour/firewall/sweep.py").read_text(encoding="utf-8")
#: Addresses on the internet that are nobody's in the lab: outside is the way to them.
ELSEWHERE = ("192.0.2.53", "8.8.8.8", "2001:db8:ffff::53", "2606:4700::1111")
TCP_OUT = (22, 25, 53, 80, 443, 853, 5432, 8432)
UDP_OUT = (53, 123, 443, 5353, 4500)


def both(lab: Lab, name: str) -> tuple[str, str]:
    """The IPv4 and IPv6 address of a host's own segment."""
    return lab.address(name), lab.address6(name)


def sweep(lab: Lab, address: str) -> dict[int, str]:
    """Every TCP port of an address that answers outside."""
    mine = both(lab, OUTSIDE)[":" in address]
    done = lab.run(OUTSIDE, f"python3 - {mine} {address}", stdin=SWEEP, timeout=120)
    assert done.rc == 0, done.stderr
    return {int(port): answer for port, answer in json.loads(done.stdout).items()}


@pytest.mark.proof("external-access-limited.others-silent")
@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("firewall.default_deny_forward")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_outside_sees_the_published_ports_only(lab: Lab, intent: Intent, listeners: list[int], release: str) -> None:
    """Every address of every host, TCP and UDP: what a flow from the internet names connects, all else is silent."""
    targets = [name for name in intent.hosts if lab.release(name) == release]
    wanted: dict[Try, str] = {}
    for name in targets:
        for address in lab.addresses(name):
            for port in listeners:
                published = intent.allows(OUTSIDE, name, port)
                wanted["tcp", address, port] = "connected" if published else "silent"
            wanted |= {("udp", address, port): "silent" for port in DISCOVERY}
    assert len(wanted) > 50
    seen = attempt(lab, OUTSIDE, list(wanted))
    assert {pair: outcome for pair, outcome in seen.items() if outcome != wanted[pair]} == {}


@pytest.mark.proof("external-access-limited.published-connects", "external-access-limited.others-silent")
@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.usefixtures("listeners")
@pytest.mark.parametrize(("kind", "release"), [("mail", "debian13"), ("gateway", "debian13")])
def test_of_all_ports_outside_sees_the_published_only(lab: Lab, intent: Intent, kind: str, release: str) -> None:
    """65535 TCP ports of what publishes something, and of the gateway's outer side; neither answers a ping."""
    (name,) = (name for name, entry in intent.hosts.items() if kind in entry["kind"] and lab.release(name) == release)
    published = {port: "open" for port in intent.tcp_ports() if intent.allows(OUTSIDE, name, port)}
    assert bool(published) == (kind == "mail")
    outer = lab.addresses(name)[-2:]
    for address in outer:
        assert sweep(lab, address) == published
        assert lab.run(OUTSIDE, f"ping -c 2 -i 0.2 -W 1 {address}").rc == 1


def shout(lab: Lab, name: str) -> dict[Try, str]:
    """Try to get something out of a host in every way; how the tries ended."""
    targets = (*both(lab, OUTSIDE), *ELSEWHERE)
    tries: list[Try] = [("tcp", address, port) for address in targets for port in TCP_OUT]
    tries += [("udp", address, port) for address in targets for port in UDP_OUT]
    found = attempt(lab, name, tries)
    pings = "; ".join(f"ping -c 1 -W 1 {address} &" for address in targets).replace("&;", "&")
    lab.run(name, f"{pings} wait")
    return found


def arrived(lab: Lab, seen: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """What arrived of a host."""
    addresses = set(lab.addresses(name))
    return [packet for packet in seen if packet["source"] in addresses]


@pytest.fixture(scope="module")
def stores(intent: Intent) -> list[str]:
    """The hosts with card data."""
    found = intent.of_class("card_data")
    assert found
    return found


@pytest.mark.proof(
    "card-data-no-internet.no-tcp",
    "card-data-no-internet.no-udp",
    "card-data-no-internet.no-icmp",
    "card-data-no-internet.no-dns",
    "card-data-no-internet.no-ipv6",
)
@pytest.mark.control("firewall.default_deny_outbound")
@pytest.mark.usefixtures("listeners")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_nothing_of_a_database_arrives_outside(lab: Lab, intent: Intent, stores: list[str], release: str) -> None:
    """TCP, UDP, DNS and ICMP, IPv4 and IPv6, to whatever address: a sink outside sees none of it, but sees the mail."""
    names = [name for name in stores if lab.release(name) == release]
    assert names
    (mail,) = (name for name, entry in intent.hosts.items() if "mail" in entry["kind"])
    with Sink(lab, OUTSIDE).open() as seen:
        for name in names:
            assert set(shout(lab, name).values()) <= {"silent", "unreachable"}
        letters = [("tcp", address, 25) for address in both(lab, OUTSIDE)]
        assert set(attempt(lab, mail, letters).values()) == {"connected"}
    assert {packet["port"] for packet in arrived(lab, seen, mail)} == {25}
    for name in names:
        assert arrived(lab, seen, name) == []


@pytest.mark.claim("card-data-no-internet")
@pytest.mark.control("firewall.default_deny_forward")
@pytest.mark.usefixtures("listeners")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_nor_when_somebody_has_taken_the_database_over(lab: Lab, stores: list[str], release: str) -> None:
    """With its own firewall gone the gateway still lets nothing out; with the gateway open too it all would arrive."""
    name = next(name for name in stores if lab.release(name) == release)
    with without_firewall(lab, name):
        with Sink(lab, OUTSIDE).open() as seen:
            assert set(shout(lab, name).values()) <= {"silent", "unreachable"}
        assert arrived(lab, seen, name) == []
        (gateway,) = (host for host in lab.hosts if lab.hosts[host].get("forwarding"))
        with without_firewall(lab, gateway), Sink(lab, OUTSIDE).open() as open_way:
            shout(lab, name)
    leaked = arrived(lab, open_way, name)
    assert {packet["protocol"] for packet in leaked} == {1, 6, 17, 58}, "nothing could get out: this proves nothing"
    assert {packet["target"] for packet in leaked} >= {*ELSEWHERE, *both(lab, OUTSIDE)}
