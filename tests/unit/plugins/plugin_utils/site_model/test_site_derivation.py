# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups, variables and firewall rules derived from a model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory, inventory_of

Derive = Callable[[Any], Inventory]
REPOSITORY = Path(__file__).resolve().parents[5]


def rules(inventory: Inventory, host: str, flow: str = "", direction: str = "") -> list[dict[str, Any]]:
    """A host's rules of a flow and direction."""
    found = inventory.host_variables[host]["firewall_flow_rules"]
    return [
        rule
        for rule in found
        if re.fullmatch(rf"({re.escape(flow)})(__\d+)?" if flow else ".*", rule["name"])
        and direction in ("", rule["direction"])
    ]


def test_every_host_of_a_clients_segment_knows_the_client(small: dict[str, Any], derive: Derive) -> None:
    small["clients"]["acme"]["sites_allowed"] = ["crm.example.com", "*.acme.example"]
    small["clients"]["globex"] = {"title": "Globex", "segment": "globex"}
    small["hosts"]["srv1"] = {"kind": "server", "segment": "acme", "address": "10.1.10.50", "os": "debian12"}
    small["hosts"]["ws3"] = {"kind": "workstation", "segment": "globex", "address": "10.1.20.11", "os": "debian12"}
    given = {name: of.get("ringfence_client") for name, of in derive(small).host_variables.items()}
    nothing = dict.fromkeys(("database", "recordings", "retention", "business_hours"))
    acme = {"name": "acme", "title": "Acme", "segment": "acme", "sites_allowed": ["crm.example.com", "*.acme.example"]}
    assert given["ws1"] == given["ws2"] == given["srv1"] == {**acme, **nothing}
    assert given["ws3"] == {"name": "globex", "title": "Globex", "segment": "globex", "sites_allowed": [], **nothing}
    assert [given[name] for name in ("gw1", "adm1", "db1", "mail1")] == [None] * 4


def flow(**changes: Any) -> dict[str, Any]:
    """A flow, changed."""
    base = {"name": "f", "from": "acme", "to": "db1", "protocol": "tcp", "ports": [1], "reason": "r", "owner": "o"}
    return {**base, **changes}


def service(**changes: Any) -> dict[str, Any]:
    """A published service, changed."""
    base = {"name": "s", "host": "mail1", "protocol": "tcp", "ports": [25], "reason": "r", "owner": "o"}
    return {**base, "review_by": "2027-03-31", **changes}


def test_groups(small: dict[str, Any], derive: Derive) -> None:
    inventory = derive(small)
    assert inventory.groups == {
        "site_small": ["gw1", "adm1", "db1", "mail1", "log1", "ws1", "ws2"],
        "kind_gateway": ["gw1"],
        "segment_mgmt": ["gw1", "adm1"],
        "kind_workstation": ["adm1", "ws1", "ws2"],
        "kind_database": ["db1"],
        "segment_cards": ["db1"],
        "kind_mail": ["mail1"],
        "kind_web": ["mail1"],
        "segment_servers": ["mail1", "log1"],
        "kind_log_server": ["log1"],
        "segment_acme": ["ws1", "ws2"],
        "client_acme": ["ws1", "ws2"],
    }


def test_host_variables(small: dict[str, Any], derive: Derive) -> None:
    small["hosts"]["ws1"]["class"] = "guest"
    inventory = derive(small)
    assert inventory.host_variables["ws1"]["ansible_host"] == "10.1.10.11"
    assert inventory.host_variables["ws1"]["ringfence_host"] == {
        "kinds": ["workstation"],
        "segment": "acme",
        "class": "guest",
        "client": "acme",
        "os": "debian12",
        "ssh_ports": [22],
        "addresses": ["10.1.10.11", "fd01:10::11"],
        "interfaces": [{"segment": "acme", "addresses": ["10.1.10.11", "fd01:10::11"]}],
        "default_gateway": ["10.1.10.1", "fd01:10::1"],
    }
    gateway = inventory.host_variables["gw1"]["ringfence_host"]
    assert "default_gateway" not in gateway
    assert [leg["segment"] for leg in gateway["interfaces"]] == ["mgmt", "acme", "globex", "servers", "cards"]
    assert inventory.host_variables["db1"]["ringfence_host"]["client"] is None
    assert inventory.free_host_variables == {"ws2": {"seat": 12}}


def test_site_variables(small: dict[str, Any], derive: Derive) -> None:
    variables = derive(small).site_variables
    assert variables["ringfence_site"] == {"name": "small", "title": "Small site", "contact": None}
    assert variables["ringfence_segments"]["acme"] == {
        "vlan": 10,
        "class": "client",
        "subnets": ["10.1.10.0/24", "fd01:10::/64"],
    }
    assert (variables["ringfence_published"], variables["ringfence_remediation_hosts"]) == ([], [])
    assert variables["ringfence_contacts"] == {}


def test_a_flow_from_a_segment_to_a_host(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(change=12, review_by="2027-03-31", ports=["100-200", 5432], mitigation="m")]
    inventory = derive(small)
    common = {
        "name": "f",
        "source": ["10.1.10.0/24", "fd01:10::/64"],
        "destination": ["10.1.40.10", "fd01:40::10"],
        "protocol": "tcp",
        "ports": ["100-200", 5432],
        "reason": "r",
        "owner": "o",
        "change": "12",
        "review_by": "2027-03-31",
        "mitigation": "m",
    }
    assert rules(inventory, "db1", "f") == [{**common, "direction": "inbound"}]
    assert rules(inventory, "gw1", "f") == [{**common, "direction": "forward"}]
    assert rules(inventory, "ws1", "f") == [{**common, "direction": "outbound"}]
    assert rules(inventory, "ws2", "f") == [{**common, "direction": "outbound"}]
    assert rules(inventory, "log1", "f") == rules(inventory, "mail1", "f") == rules(inventory, "adm1", "f") == []


def test_within_a_segment_nothing_is_forwarded(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(**{"from": ["mail1", "acme"], "to": ["log1"]})]
    inventory = derive(small)
    (forward,) = rules(inventory, "gw1", "f")
    assert (forward["source"], forward["destination"]) == (["10.1.10.0/24"], ["10.1.30.20"])
    (inbound,) = rules(inventory, "log1", "f")
    assert inbound["source"] == ["10.1.10.0/24", "10.1.30.10"]


def test_segment_to_segment(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(**{"from": "acme", "to": "servers"}), flow(name="g", **{"from": "acme", "to": "acme"})]
    inventory = derive(small)
    for host in ("mail1", "log1"):
        (inbound,) = rules(inventory, host, "f")
        assert inbound["destination"] == ["10.1.30.0/24", "fd01:30::/64"]
    assert [rule["direction"] for rule in rules(inventory, "ws1", "g")] == ["outbound", "inbound"]
    assert rules(inventory, "gw1", "g") == []


def test_to_the_gateway_itself_is_inbound_there(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(to="gw1", protocol="udp", ports=[53])]
    (rule,) = rules(derive(small), "gw1", "f")
    assert rule["direction"] == "inbound"
    assert {"10.1.99.1", "10.1.10.1", "fd01:40::1"} <= set(rule["destination"])


def test_the_internet_is_what_is_neither_the_sites_nor_private(small: dict[str, Any], derive: Derive) -> None:
    small["segments"]["servers"]["subnets"].append("198.51.100.0/24")
    small["flows"] = [
        flow(name="out", **{"from": "mail1", "to": ["internet", "192.0.2.7", "log1"]}),
    ]
    small["published"] = [service(name="in")]
    inventory = derive(small)
    plain, internet = rules(inventory, "mail1", "out", "outbound")
    assert plain["name"] == "out"
    assert plain["destination"] == ["10.1.30.20", "192.0.2.7"]
    assert internet["name"] == "out__2"
    assert "destination" not in internet
    excepted = internet["destination_except"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.51.100.0/24", "fc00::/7"} <= set(excepted)
    assert "10.1.10.0/24" not in excepted, "covered by 10.0.0.0/8 already"
    (inbound,) = rules(inventory, "mail1", "in", "inbound")
    assert inbound["source_except"] == excepted
    assert [rule["name"] for rule in rules(inventory, "gw1", "out", "forward")] == ["out", "out__2"]
    assert rules(inventory, "gw1", "out", "forward")[0]["destination"] == ["192.0.2.7"]


def test_no_rule_mixes_ip_versions(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [
        flow(name="four", **{"from": "log1", "to": "db1"}),
        flow(name="ping", protocol="icmp", ports=None),
        flow(name="ping6", protocol="icmpv6", ports=None),
        flow(name="web", **{"from": "log1", "to": "internet"}),
    ]
    for entry in small["flows"]:
        if entry["ports"] is None:
            del entry["ports"]
    inventory = derive(small)
    assert rules(inventory, "db1", "four")[0]["destination"] == ["10.1.40.10"]
    assert rules(inventory, "db1", "ping")[0]["source"] == ["10.1.10.0/24"]
    assert "ports" not in rules(inventory, "db1", "ping")[0]
    assert rules(inventory, "db1", "ping6")[0]["source"] == ["fd01:10::/64"]
    assert not any(":" in text for text in rules(inventory, "log1", "web")[0]["destination_except"])


def test_administration(small: dict[str, Any], derive: Derive) -> None:
    small["administration"]["sources"] = ["mgmt", "ws1", "192.0.2.0/24"]
    small["administration"]["local_sources"] = ["10.1.40.254"]
    inventory = derive(small)
    for host in inventory.host_variables:
        (inbound,) = rules(inventory, host, "administration-ssh", "inbound")
        assert inbound["ports"] == [22]
        assert "10.1.99.0/24" in inbound["source"]
        assert ("10.1.40.254" in inbound["source"]) == (host in ("db1", "gw1")), "of its own segment only"
        assert ("10.1.10.11" in inbound["source"]) == (host != "ws1")
    outbound = [host for host in inventory.host_variables if rules(inventory, host, "administration-ssh", "outbound")]
    assert outbound == ["adm1", "ws1"], "administrators' machines, and no gateway"
    forward = rules(inventory, "gw1", "administration-ssh", "forward")
    assert not any("10.1.40.254" in rule["source"] for rule in forward)
    assert all(not set(rule["source"]) & set(rule["destination"]) for rule in forward)
    assert {text for rule in forward for text in rule["source"]} >= {"10.1.99.0/24", "10.1.10.11", "192.0.2.0/24"}


def test_a_flow_over_two_gateways_is_forwarded_by_both(small: dict[str, Any], derive: Derive) -> None:
    del small["hosts"]["gw1"]["interfaces"]["cards"]
    small["hosts"]["gw2"] = {
        "kind": "gateway",
        "segment": "cards",
        "address": "10.1.40.1",
        "address6": "fd01:40::1",
        "interfaces": {"servers": ["10.1.30.2", "fd01:30::2"]},
        "os": "debian12",
    }
    small["segments"]["servers"]["gateway"] = "gw1"
    small["flows"] = [flow(), flow(name="near", **{"from": "gw2"}, to="log1"), flow(name="far", to="gw2")]
    inventory = derive(small)
    assert [rule["direction"] for rule in rules(inventory, "gw1", "f")] == ["forward"]
    assert [rule["direction"] for rule in rules(inventory, "gw2", "f")] == ["forward"]
    assert rules(inventory, "gw1", "near") == []
    assert [rule["direction"] for rule in rules(inventory, "gw2", "near")] == ["outbound"]
    assert [rule["direction"] for rule in rules(inventory, "gw1", "far")] == ["forward"]
    assert [rule["direction"] for rule in rules(inventory, "gw2", "far")] == ["inbound"]
    assert inventory.host_variables["db1"]["ringfence_host"]["default_gateway"] == ["10.1.40.1", "fd01:40::1"]


def test_a_host_is_never_its_own_peer(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(**{"from": ["mail1", "log1"], "to": ["mail1", "log1"]})]
    inventory = derive(small)
    (inbound,) = rules(inventory, "log1", "f", "inbound")
    assert inbound["source"] == ["10.1.30.10"]


def test_names_that_cover_each_other_give_no_overlapping_addresses(small: dict[str, Any], derive: Derive) -> None:
    small["flows"] = [flow(**{"from": ["ws1", "acme", "adm1"]})]
    (rule,) = rules(derive(small), "db1", "f")
    assert rule["source"] == ["10.1.10.0/24", "10.1.99.10", "fd01:10::/64"]


@pytest.mark.parametrize("path", ["inventories/demo/site.yml", "inventories/example/site.yml"])
def test_shipped_models_load(path: str) -> None:
    inventory = inventory_of(load_site((REPOSITORY / path).read_text(encoding="utf-8"), path))
    for host, variables in inventory.host_variables.items():
        names = [(rule["direction"], rule["name"]) for rule in variables["firewall_flow_rules"]]
        assert len(names) == len(set(names)), host
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name) for _direction, name in names)


def test_the_demo_site_keeps_clients_apart() -> None:
    path = "inventories/demo/site.yml"
    inventory = inventory_of(load_site((REPOSITORY / path).read_text(encoding="utf-8"), path))
    assert {"ws-acme-1", "ws-globex-1", "db1", "mail1", "log1", "gw1"} == set(inventory.host_variables)
    for rule in rules(inventory, "gw1", direction="forward"):
        sources, destinations = rule.get("source", []), rule.get("destination", [])
        assert not ("10.60.10.0/24" in sources and "10.60.20.0/24" in destinations)
        assert not ("10.60.20.0/24" in sources and "10.60.10.0/24" in destinations)


def test_every_key_and_valid_word_is_documented() -> None:
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import schema, switches
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.shapes import Record

    page = "\n".join(
        (REPOSITORY / "docs" / name).read_text(encoding="utf-8") for name in ("site_model.md", "switches.md")
    )
    sections = {re.split(r"\n", part, maxsplit=1)[0]: part for part in re.split(r"\n#{2,4} ", page)}
    records: dict[str, Record] = {
        "Keys": schema.MODEL,
        "site": schema.SITE,
        "segments": schema.SEGMENT,
        "clients": schema.CLIENT,
        "hosts": schema.HOST,
        "flows": schema.FLOW,
        "administration": schema.ADMINISTRATION,
        "accounts": schema.ACCOUNT,
        "web_filter": schema.WEB_FILTER,
        "published": schema.PUBLISHED,
        "database": schema.DATABASE,
        "recordings": schema.RECORDINGS,
        "retention": schema.RETENTION,
        "business_hours": schema.BUSINESS_HOURS,
        "contacts": schema.CONTACTS,
        "a contact": schema.CONTACT,
        "In the site model": switches.SWITCH,
        "ports of a switch": switches.PORT,
    }
    for heading, record in records.items():
        rows = dict(re.findall(r"^\| `(\w+)`( \*)? \|", sections[heading], re.M))
        assert {name: " *" if field.required else "" for name, field in record.fields.items()} == rows, heading
    for word in (
        *schema.KINDS,
        *schema.CLASSES,
        *schema.RELEASES,
        *schema.PROTOCOLS,
        *schema.RESERVED,
        *schema.DAYS,
        *switches.PLATFORMS,
    ):
        assert f"`{word}`" in page, word
