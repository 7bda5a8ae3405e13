# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trunks and addresses to hand out: what a site model says of them, and what comes of it."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import parse
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vlan_network import compose, served

Derive = Callable[[Any], Inventory]
Refused = Callable[[Any], list[str]]


def gateway(derive: Derive, model: dict[str, Any]) -> dict[str, Any]:
    """What the gateway gets."""
    return derive(model).host_variables["gw1"]


def interface(variables: dict[str, Any], name: str) -> dict[str, Any]:
    """One of its interfaces."""
    found: dict[str, Any] = next(one for one in variables["client_vlans_interfaces"] if one["name"] == name)
    return found


def test_every_leg_is_an_interface(derive: Derive, small: dict[str, Any]) -> None:
    """With its VLAN, its addresses and its subnets; hosts that are no gateway have none."""
    found = gateway(derive, small)
    assert [one["name"] for one in found["client_vlans_interfaces"]] == ["mgmt", "acme", "globex", "servers", "cards"]
    assert interface(found, "acme") == {
        "name": "acme",
        "vlan": 10,
        "addresses": ["10.1.10.1/24", "fd01:10::1/64"],
        "subnets": ["10.1.10.0/24", "fd01:10::/64"],
    }
    assert "client_vlans_trunk" not in found
    assert compose(found["client_vlans_interfaces"]).links == {}
    assert not [name for name in derive(small).host_variables["db1"] if name.startswith("client_vlans")]


def test_a_trunk_makes_them_tagged(derive: Derive, small: dict[str, Any]) -> None:
    """One port or several."""
    small["hosts"]["gw1"]["trunk"] = "eth1"
    found = gateway(derive, small)
    assert found["client_vlans_trunk"] == ["eth1"]
    assert set(compose(found["client_vlans_interfaces"], ["eth1"]).links) == {f"vlan{n}" for n in (10, 20, 30, 40, 99)}
    small["hosts"]["gw1"]["trunk"] = ["eth1", "eth2"]
    assert gateway(derive, small)["client_vlans_trunk"] == ["eth1", "eth2"]


@pytest.mark.parametrize(
    "told", [{"first": "10.1.10.100", "last": "10.1.10.199"}, {"range": "10.1.10.100 - 10.1.10.199"}]
)
def test_addresses_are_handed_out_by_the_gateway(derive: Derive, small: dict[str, Any], told: dict[str, str]) -> None:
    """With firewall rules that let it, and name servers only where a filter answers."""
    small["segments"]["acme"]["dhcp"] = told
    found = gateway(derive, small)
    assert interface(found, "acme")["dhcp"] == {"first": "10.1.10.100", "last": "10.1.10.199"}
    assert interface(found, "acme")["dns"] == []
    rules = {rule["direction"]: rule for rule in found["firewall_flow_rules"] if rule["name"] == "dhcp__acme"}
    assert (rules["inbound"]["ports"], rules["inbound"]["source"]) == ([67], ["0.0.0.0/32", "10.1.10.0/24"])
    assert (rules["outbound"]["ports"], rules["outbound"]["destination"]) == (
        [68],
        ["255.255.255.255/32", "10.1.10.0/24"],
    )
    assert parse({"firewall_flow_rules": found["firewall_flow_rules"]})
    assert [one["name"] for one in served(found["client_vlans_interfaces"])] == ["acme"]
    small["clients"]["acme"]["sites_allowed"] = ["crm.example.com"]
    assert interface(gateway(derive, small), "acme")["dns"] == ["10.1.10.1", "fd01:10::1"]


def test_between_gateways_is_transit(derive: Derive, small: dict[str, Any]) -> None:
    """Where both have a leg, sources of either's other segments come in."""
    small["segments"]["far"] = {"vlan": 50, "subnets": ["10.1.50.0/24"], "class": "servers"}
    small["segments"]["mgmt"]["gateway"] = "gw1"
    small["hosts"]["gw2"] = {
        "kind": "gateway",
        "segment": "far",
        "address": "10.1.50.1",
        "interfaces": {"mgmt": "10.1.99.2"},
        "os": "debian12",
    }
    found = gateway(derive, small)
    assert [one["name"] for one in found["client_vlans_interfaces"] if one.get("transit")] == ["mgmt"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "expected first and last, or range as FIRST-LAST"),
        ({"first": "10.1.10.9"}, "expected first and last"),
        ({"range": "10.1.10.9"}, "expected first and last"),
        ({"range": "10.1.10.9-10.1.10.10", "first": "10.1.10.9"}, "expected first and last"),
        ({"range": "fd01:10::9-fd01:10::10"}, "is no range of IPv4 addresses"),
        ({"range": "10.1.10.100-10.1.20.100"}, "no range within one of the segment's subnets"),
        ({"range": "10.1.10.19-10.1.10.13"}, "no range within one of the segment's subnets"),
        ({"range": "10.1.10.200-10.1.10.255"}, "the broadcast address of 10.1.10.0/24"),
        ({"range": "10.1.10.12-10.1.10.99"}, "holds 10.1.10.12, which is ws2's own"),
        ({"frist": "10.1.10.9"}, "unknown key"),
    ],
)
def test_wrong_ranges_are_refused(refused: Refused, small: dict[str, Any], told: dict[str, str], said: str) -> None:
    """Each by its key."""
    small["segments"]["acme"]["dhcp"] = told
    text = "\n".join(refused(small))
    assert "segments.acme.dhcp" in text
    assert said in text


def test_nobody_to_hand_out_addresses(refused: Refused, small: dict[str, Any]) -> None:
    """A range in a segment in which no gateway has an address."""
    small["segments"]["lone"] = {
        "vlan": 60,
        "subnets": ["10.1.60.0/24"],
        "class": "guest",
        "dhcp": {"range": "10.1.60.10-10.1.60.20"},
    }
    assert "segments.lone.dhcp: no gateway of the site has an IPv4 address in this segment" in "\n".join(refused(small))


def test_only_gateways_have_a_trunk(refused: Refused, small: dict[str, Any]) -> None:
    """And its ports have names that ports can have."""
    small["hosts"]["db1"]["trunk"] = "eth1"
    small["hosts"]["gw1"]["trunk"] = ["eth 1"]
    text = "\n".join(refused(small))
    assert "hosts.db1.trunk: only a host of kind gateway has a trunk" in text
    assert "hosts.gw1.trunk[0]: 'eth 1' is no name of a port" in text


def test_what_is_derived_cannot_be_set(refused: Refused, small: dict[str, Any]) -> None:
    """As vars of the host."""
    small["hosts"]["gw1"]["vars"] = {"client_vlans_interfaces": []}
    assert "is derived from the model" in "\n".join(refused(small))
