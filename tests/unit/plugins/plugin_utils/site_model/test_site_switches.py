# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part ``switches`` of a site model: what is derived from it, and that every mistake is named."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest

Derive, Refused = Callable[[Any], Any], Callable[[Any], list[str]]


def switch(**more: Any) -> dict[str, Any]:
    """A switch that loads, with what a test wants of it."""
    ports = {
        "GigabitEthernet1/0/1-3": {"access": "acme"},
        "GigabitEthernet1/0/4": {"trunk": "servers"},
        "GigabitEthernet1/0/5": {"unused": "shutdown"},
    }
    return {"platform": "ios", "address": "10.1.99.20", "ports": ports, **more}


def test_ranges_and_uplinks_become_ports(small: dict[str, Any], derive: Derive) -> None:
    small["switches"] = {"sw1": switch(uplinks="GigabitEthernet1/0/47-48")}
    inventory = derive(small)
    told = inventory.site_variables["ringfence_switches"]["sw1"]
    assert list(told["ports"]) == [f"GigabitEthernet1/0/{number}" for number in (1, 2, 3, 4, 5, 47, 48)]
    assert told["vlans"] == {"acme": 10, "servers": 30, "mgmt": 99}
    assert told["ports"]["GigabitEthernet1/0/2"] == {"mode": "access", "title": None, "segment": "acme", "macs": 1}
    assert told["ports"]["GigabitEthernet1/0/48"]["segments"] == ["acme", "servers", "mgmt"]
    assert (told["parking_vlan"], told["native_vlan"]) == (998, 999)
    # No play over hosts must ever reach a switch.
    assert "sw1" not in inventory.host_variables
    assert not any("sw1" in hosts for hosts in inventory.groups.values())


def test_a_site_without_switches_has_none(small: dict[str, Any], derive: Derive) -> None:
    assert derive(small).site_variables["ringfence_switches"] == {}


PORT = "GigabitEthernet1/0/9"
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("platform", {"platform": "nxos"}, r"switches\.sw1\.platform: 'nxos' is not valid here\. Valid: ios, eos, junos\."),
    ("segment", {"ports": {PORT: {"access": "acne"}}}, r"\.access: there is no segment 'acne'.* Did you mean acme\?"),
    ("segment of a trunk", {"ports": {PORT: {"trunk": ["acme", "x"]}}}, r"\.trunk\[1\]: there is no segment 'x'"),
    (
        "two modes",
        {"ports": {PORT: {"access": "acme", "trunk": "acme"}}},
        r"one of access, trunk and unused; found access and",
    ),
    ("no mode", {"ports": {PORT: {"title": "x"}}}, r"one of access, trunk and unused; found none"),
    ("macs of a trunk", {"ports": {PORT: {"trunk": "acme", "macs": 3}}}, r"\.macs: only ports with access count"),
    ("title with a quote", {"ports": {PORT: {"access": "acme", "title": 'a"b'}}}, r"\.title: expected title"),
    ("title with a question mark", {"ports": {PORT: {"access": "acme", "title": "a?"}}}, r"\.title: expected title"),
    (
        "port of another platform",
        {"ports": {"ge-0/0/1": {"access": "acme"}}},
        r"'ge-0/0/1' is no port of platform ios; write",
    ),
    ("port with a command in it", {"ports": {f"{PORT}\nshutdown": {"access": "acme"}}}, r"is no port of platform ios"),
    (
        "range backwards",
        {"ports": {"Gi1/0/5-2": {"access": "acme"}}},
        r"a range goes from the lower number to the higher",
    ),
    ("a huge range", {"ports": {"Gi1/0/0-9999": {"access": "acme"}}}, r"no switch has more than 1024"),
    (
        "port twice",
        {"ports": {"Gi1/0/1-4": {"access": "acme"}, "Gi1/0/3": {"access": "globex"}}},
        r"switches\.sw1\.ports\.Gi1/0/3: port Gi1/0/3 is in switches\.sw1\.ports\.Gi1/0/1-4 already",
    ),
    ("uplink that is a port", {"uplinks": ["GigabitEthernet1/0/2"]}, r"uplinks\[0\]: port GigabitEthernet1/0/2 is in"),
    ("parking VLAN of a segment", {"parking_vlan": 10}, r"\.parking_vlan: VLAN 10 is that of segment acme"),
    ("native VLAN of a segment", {"native_vlan": 40}, r"\.native_vlan: VLAN 40 is that of segment cards"),
    ("the same spare VLAN", {"native_vlan": 998}, r"are both 998; they must differ"),
    ("reserved VLAN", {"native_vlan": 1002}, r"\.native_vlan: VLAN 1002 is reserved"),
    ("native VLAN 1", {"native_vlan": 1}, r"\.native_vlan: expected a whole number from 2 to 4094"),
    ("address of a host", {"address": "10.1.99.10"}, r"\.address: 10\.1\.99\.10 is the address of host adm1 already"),
    (
        "address of agents",
        {"address": "10.1.10.200"},
        r"segment acme of class client; a switch is managed in one of class",
    ),
    ("address outside", {"address": "192.0.2.1"}, r"\.address: 192\.0\.2\.1 lies in no segment"),
    ("broadcast address", {"address": "10.1.99.255"}, r"\.address: 10\.1\.99\.255 is the broadcast address"),
    ("no address", {"address": "sw1.example"}, r"\.address: expected an IP address"),
]


@pytest.mark.parametrize(("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_named(small: dict[str, Any], refused: Refused, changes: dict[str, Any], expected: str) -> None:
    small["switches"] = {"sw1": switch(**changes)}
    problems = refused(small)
    assert len(problems) == 1, problems
    assert re.search(expected, problems[0]), problems[0]


def test_mistakes_do_not_hide_each_other(small: dict[str, Any], refused: Refused) -> None:
    small["segments"]["servers"]["vlan"] = 1
    small["switches"] = {"db1": switch(), "sw2": switch(ports={PORT: {"access": "nowhere"}}, native_vlan=20)}
    text = "\n".join(refused(small))
    for part in (
        "switches.db1: db1 is already the name of one of the hosts",
        "segment servers has VLAN 1, the switches' default",
        "10.1.99.20 is the address of switch db1 already",
        "there is no segment 'nowhere'",
        "VLAN 20 is that of segment globex",
    ):
        assert part in text


def test_the_variable_is_derived_only(small: dict[str, Any], refused: Refused) -> None:
    small["vars"] = {"ringfence_switches": {}}
    assert "is derived from the model" in refused(small)[0]
