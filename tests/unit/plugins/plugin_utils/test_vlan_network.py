# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interfaces as people declare them: read, refused, and rendered for networkd."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vlan_network import (
    InterfacesError,
    compose,
    served,
    settings,
)

ACME = {"name": "acme", "vlan": 10, "addresses": ["192.0.2.1/24", "2001:db8:0:10::1/64"]}
GLOBEX = {"name": "globex", "vlan": 20, "addresses": ["198.51.100.1/25"]}


def refused(interfaces: Any, *trunk: str, bond_mode: str = "802.3ad") -> str:
    """Every error in one text."""
    with pytest.raises(InterfacesError) as problem:
        compose(interfaces, trunk, bond_mode)
    return "\n".join(problem.value.errors)


def test_one_port_carries_every_vlan_and_nothing_else() -> None:
    """The trunk has no address and listens to nobody; each VLAN has its own addresses."""
    network = compose([ACME, GLOBEX], ["eth1"])
    assert network.links == {"vlan10": {"parent": "eth1", "id": 10}, "vlan20": {"parent": "eth1", "id": 20}}
    assert (network.untagged, network.ports) == (["eth1"], ["eth1"])
    trunk = network.files["05-ringfence-eth1.network"].splitlines()
    assert {"VLAN=vlan10", "VLAN=vlan20", "LinkLocalAddressing=no", "IPv6AcceptRA=no", "DHCP=no"} <= set(trunk)
    assert not [line for line in trunk if line.startswith("Address=")]
    acme, globex = (network.files[f"05-ringfence-vlan{number}.network"].splitlines() for number in (10, 20))
    assert {"Address=192.0.2.1/24", "Address=2001:db8:0:10::1/64", "LinkLocalAddressing=ipv6"} <= set(acme)
    assert "LinkLocalAddressing=no" in globex
    assert "Id=20" in network.files["05-ringfence-vlan20.netdev"].splitlines()


def test_several_ports_make_a_bond() -> None:
    """The VLANs are on the bond, and neither it nor its ports let anything untagged in."""
    network = compose([ACME], ["eth1", "eth2"], "active-backup")
    assert network.links["vlan10"]["parent"] == "trunk0"
    assert network.untagged == ["trunk0", "eth1", "eth2"]
    assert "Mode=active-backup" in network.files["05-ringfence-bond.netdev"]
    assert "Bond=trunk0" in network.files["05-ringfence-eth2.network"]
    assert "VLAN=vlan10" in network.files["05-ringfence-trunk0.network"]


def test_plain_interfaces_are_bound_and_not_made() -> None:
    """Without a trunk, and with an interface of its own beside one."""
    assert compose([ACME]).files == {}
    assert compose([ACME]).bindings[0]["interface"] == ""
    network = compose([ACME, {**GLOBEX, "interface": "eth0"}], ["eth1"])
    assert list(network.links) == ["vlan10"]
    assert [binding["interface"] for binding in network.bindings] == ["vlan10", "eth0"]


def test_subnets_are_those_of_the_addresses_unless_told() -> None:
    """A segment may have more subnets than the gateway has addresses."""
    assert compose([ACME]).bindings[0]["subnets"] == ["192.0.2.0/24", "2001:db8:0:10::/64"]
    told = compose([{**GLOBEX, "subnets": ["198.51.100.0/24"]}])
    assert told.bindings[0]["subnets"] == ["198.51.100.0/24"]


def test_who_is_served() -> None:
    """Advertisements come with addresses, or alone where they are asked for."""
    dhcp = {"dhcp": {"first": "192.0.2.100", "last": "192.0.2.199"}, "dns": ["192.0.2.1"]}
    assert served([ACME, GLOBEX]) == []
    (one,) = served([{**ACME, **dhcp}, GLOBEX])
    assert one["dhcp"] == {"first": "192.0.2.100", "last": "192.0.2.199", "lease": "12h", "netmask": "255.255.255.0"}
    assert (one["router_advertisements"], one["dns"]) == (["2001:db8:0:10::/64"], ["192.0.2.1"])
    assert served([{**ACME, **dhcp, "router_advertisements": False}])[0]["router_advertisements"] == []
    assert served([{**ACME, "router_advertisements": True}])[0]["dhcp"] is None


def test_settings_of_known_interfaces() -> None:
    """Strict on a segment, loose where another gateway is, silent on the trunk."""
    found = settings(compose([ACME, {**GLOBEX, "transit": True}], ["eth1"]))
    assert found["net/ipv4/conf/vlan10/rp_filter"] == "1"
    assert found["net/ipv6/conf/vlan10/accept_ra"] == "0"
    assert found["net/ipv4/conf/vlan20/rp_filter"] == "2"
    assert found["net/ipv4/conf/eth1/arp_ignore"] == "8"
    assert settings(compose([GLOBEX])) == {"net/ipv4/ip_forward": "1"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vlan": 4095}, "vlan: 4095 is no VLAN; valid: 1 to 4094"),
        ({"vlan": True}, "vlan: True is no VLAN"),
        ({"name": "Acme"}, "name: valid are a-z"),
        ({"addresses": []}, "own address in the segment is missing"),
        ({"addresses": ["192.0.2.1"]}, "'192.0.2.1' is no address with a prefix length"),
        ({"addresses": "192.0.2.1/24"}, "is not a list"),
        ({"subnets": ["192.0.2.1/24"]}, "is no subnet"),
        ({"subnets": ["203.0.113.0/24"]}, "192.0.2.1/24 lies in none of the subnets"),
        ({"interface": "no such"}, "is no name of an interface"),
        ({"dhcp": {"first": "192.0.2.9"}}, "a mapping with first and last is expected"),
        ({"dhcp": {"first": "192.0.2.9", "last": "192.0.3.9"}}, "no range within the network"),
        ({"dhcp": {"first": "192.0.2.90", "last": "192.0.2.9"}}, "no range within the network"),
        ({"dhcp": {"first": "192.0.2.1", "last": "192.0.2.9"}}, "holds the gateway's own address"),
        ({"dhcp": {"first": "192.0.2.200", "last": "192.0.2.255"}}, "the broadcast address"),
        ({"dhcp": {"first": "192.0.2.9", "last": "192.0.2.19", "lease": "soon"}}, "lease 'soon' is no time"),
        ({"dns": ["ns1"]}, "'ns1' is no address of a name server"),
        ({"adresses": []}, "unknown key 'adresses'; valid: name"),
        ({"addresses": ["192.0.2.1/24"], "router_advertisements": True}, "needs an IPv6 address"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], said: str) -> None:
    """Index, segment, key and valid values."""
    text = refused([{**ACME, **changed}], "eth1")
    assert text.startswith("client_vlans_interfaces[0] (")
    assert said in text


def test_all_errors_at_once() -> None:
    """Of every interface, the trunk and the bond."""
    text = refused([{**ACME, "vlan": 0}, {**GLOBEX, "name": ""}], "eth1", "bad name", bond_mode="fast")
    assert [part in text for part in ("(acme): vlan", "[1] ()", "'bad name'", "client_vlans_bond_mode: 'fast'")] == [
        True
    ] * 4


def test_nothing_is_there_twice() -> None:
    """Names, VLANs and subnets."""
    assert "the name acme is there twice" in refused([ACME, {**ACME, "vlan": 11}], "eth1")
    assert "VLAN vlan10 is there twice" in refused([ACME, {**GLOBEX, "vlan": 10}], "eth1")
    overlapping = {**GLOBEX, "addresses": ["192.0.2.129/25"]}
    assert "192.0.2.128/25 of globex overlaps 192.0.2.0/24 of acme" in refused([ACME, overlapping], "eth1")
