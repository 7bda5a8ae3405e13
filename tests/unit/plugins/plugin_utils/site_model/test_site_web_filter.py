# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from sites_allowed: who filters for whom, the rules, and what workstations are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory

Derive = Callable[[Any], Inventory]


@pytest.fixture
def listed(small: dict[str, Any]) -> dict[str, Any]:
    """The small model with sites for its client."""
    small["clients"]["acme"]["sites_allowed"] = ["crm.example", "*.portal.example"]
    return small


def rules(inventory: Inventory, host: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The rules of a host that the web filter gives, by direction and name."""
    return {
        (rule["direction"], rule["name"]): rule
        for rule in inventory.host_variables[host]["firewall_flow_rules"]
        if rule["name"].startswith("web-filter-")
    }


def test_without_a_list_nothing_is_derived(small: dict[str, Any], derive: Derive) -> None:
    inventory = derive(small)
    for name, variables in inventory.host_variables.items():
        assert rules(inventory, name) == {}
        assert not {"web_filter_clients", "ringfence_web_proxy"} & set(variables)


def test_the_gateway_filters_for_the_client(listed: dict[str, Any], derive: Derive) -> None:
    variables = derive(listed).host_variables
    assert variables["gw1"]["web_filter_clients"] == [
        {
            "name": "acme",
            "title": "Acme",
            "sources": ["10.1.10.0/24", "fd01:10::/64"],
            "sites_allowed": ["crm.example", "*.portal.example"],
        }
    ]
    assert (variables["gw1"]["web_filter_port"], variables["gw1"]["web_filter_resolvers"]) == (3128, [])
    assert variables["ws1"]["ringfence_web_proxy"] == {"addresses": ["10.1.10.1", "fd01:10::1"], "port": 3128}
    assert [name for name in variables if "web_filter_clients" in variables[name]] == ["gw1"]
    assert sorted(name for name in variables if "ringfence_web_proxy" in variables[name]) == ["ws1", "ws2"]


def test_workstations_reach_the_filter_and_it_reaches_the_sites(listed: dict[str, Any], derive: Derive) -> None:
    inventory = derive(listed)
    dns = ("web-filter-dns-acme-udp", "web-filter-dns-acme-tcp")
    inward = {("outbound", name) for name in ("web-filter-acme", *dns)}
    assert set(rules(inventory, "ws1")) == inward
    at_gateway = rules(inventory, "gw1")
    outward = {("outbound", f"web-filter-{name}") for name in ("sites", "dns-udp", "dns-tcp")}
    assert set(at_gateway) == {("inbound", name) for _direction, name in inward} | outward
    proxy = at_gateway["inbound", "web-filter-acme"]
    assert (proxy["protocol"], proxy["ports"], proxy["owner"]) == ("tcp", [3128], "it")
    assert proxy["source"] == ["10.1.10.0/24", "fd01:10::/64"]
    assert proxy["destination"] == ["10.1.10.1", "fd01:10::1"]
    sites = at_gateway["outbound", "web-filter-sites"]
    assert sites["ports"] == [80, 443]
    assert "10.0.0.0/8" in sites["destination_except"]
    for key in outward:
        assert "source" not in at_gateway[key], (
            "a gateway speaks to outside from its uplink, which the model does not know"
        )
    for name in ("db1", "mail1", "log1", "adm1"):
        assert rules(inventory, name) == {}


def test_resolvers_are_the_only_name_servers_asked(listed: dict[str, Any], derive: Derive) -> None:
    listed["web_filter"] = {"resolvers": ["198.51.100.53", "log1"], "port": 8080}
    inventory = derive(listed)
    assert inventory.host_variables["gw1"]["web_filter_resolvers"] == ["198.51.100.53", "10.1.30.20"]
    assert inventory.host_variables["gw1"]["web_filter_port"] == 8080
    dns = rules(inventory, "gw1")["outbound", "web-filter-dns-udp"]
    assert set(dns["destination"]) == {"198.51.100.53", "10.1.30.20"}
    assert rules(inventory, "gw1")["inbound", "web-filter-acme"]["ports"] == [8080]
    assert ("inbound", "web-filter-dns-udp") in rules(inventory, "log1")


def test_a_proxy_of_its_own_filters_for_all(listed: dict[str, Any], derive: Derive) -> None:
    listed["hosts"]["mail1"]["kind"] = ["proxy"]
    listed["clients"]["globex"] = {"title": "Globex", "segment": "globex", "sites_allowed": ["travel.example"]}
    inventory = derive(listed)
    assert "web_filter_clients" not in inventory.host_variables["gw1"]
    served = inventory.host_variables["mail1"]["web_filter_clients"]
    assert [client["name"] for client in served] == ["acme", "globex"]
    assert inventory.host_variables["ws1"]["ringfence_web_proxy"]["addresses"] == ["10.1.30.10", "fd01:30::10"]
    assert ("forward", "web-filter-acme") in rules(inventory, "gw1")
    assert ("forward", "web-filter-sites") in rules(inventory, "gw1")
    assert rules(inventory, "mail1")["outbound", "web-filter-sites"]["source"] == ["10.1.30.10", "fd01:30::10"]
    assert "kind_proxy" in inventory.groups


def test_a_flow_to_named_addresses_outside_is_fine(listed: dict[str, Any], derive: Derive) -> None:
    flow = {"name": "voice", "from": "acme", "to": "198.51.100.7", "protocol": "udp", "ports": [4569]}
    listed["flows"].append({**flow, "reason": "Calls", "owner": "ops"})
    assert derive(listed)
