# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals: each mistake is found, named by line and key, and none hides another."""

from __future__ import annotations

import re
from typing import Any, Callable

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import schema
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site

Refused = Callable[[Any], list[str]]
DELETE = object()


def put(model: Any, path: str, value: Any) -> None:
    """Set (or DELETE) the value at a path such as ``flows.0.to``."""
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        model = model[step] if isinstance(step, int) else model.setdefault(step, {})
    if value is DELETE:
        del model[last]
    else:
        model[last] = value


FLOW = {"name": "new", "from": "acme", "to": "log1", "protocol": "tcp", "ports": [1], "reason": "r", "owner": "o"}

SERVICE = {"name": "s", "host": "mail1", "protocol": "tcp", "ports": [25], "reason": "r", "owner": "o"}
SERVICE["review_by"] = "2027-03-31"

LISTED = {"title": "Acme", "segment": "acme", "sites_allowed": ["crm.example"]}

CASES: list[tuple[str, dict[str, Any], str]] = [
    (
        "a way round the list of sites",
        {"clients.acme": LISTED, "flows.0": {**FLOW, "to": "internet"}},
        r"flows\[0\]\.to: acme is of client acme, whose sites_allowed would be of no use",
    ),
    (
        "a host's way round the list of sites",
        {"clients.acme": LISTED, "flows.0": {**FLOW, "from": "ws1", "to": ["db1", "internet"]}},
        r"flows\[0\]\.to: ws1 is of client acme, whose sites_allowed would be of no use",
    ),
    ("name of the filter", {"flows.0.name": "web-filter-x"}, r"flows\[0\]\.name: names with web-filter- are those"),
    (
        "a network as resolver",
        {"web_filter.resolvers": ["198.51.100.0/24"]},
        r"resolvers\[0\]: .* is no single name server",
    ),
    (
        "a segment as resolver",
        {"web_filter.resolvers": ["servers"]},
        r"resolvers\[0\]: servers is no single name server",
    ),
    ("proxy among card data", {"hosts.db1.kind": "proxy"}, r"hosts\.db1\.kind: .*which class card_data never does"),
    (
        "two proxies",
        {"hosts.mail1.kind": "proxy", "hosts.log1.kind": "proxy"},
        r"hosts\.log1\.kind: mail1 has kind proxy already",
    ),
    (
        "a derived variable",
        {"vars": {"web_filter_clients": []}},
        r"vars\.web_filter_clients: is derived from the model",
    ),
    (
        "unknown key",
        {"site.titel": "x"},
        r"site\.titel: unknown key\. Valid: name, title, contact\. Did you mean title",
    ),
    ("unknown part", {"segmnets": {}}, r"segmnets: unknown key\. .*Did you mean segments\?"),
    ("missing key", {"site.title": DELETE}, r"site\.title: this key is missing"),
    ("missing part", {"administration": DELETE}, r"administration: this key is missing; it holds sources"),
    ("other plugin", {"plugin": "x.y.z"}, r"plugin: 'x.y.z' is not valid here\. Valid: ringfence.callcenter.site"),
    ("wrong type", {"hosts.db1": "x"}, r"hosts\.db1: expected a mapping with the keys kind, .*found 'x'"),
    ("empty value", {"hosts.db1.os": None}, r"hosts\.db1\.os: nothing is not valid here"),
    ("empty part", {"hosts": {}}, r"hosts: expected at least one host name"),
    ("bad site name", {"site.name": "Big Site"}, r"site\.name: expected name"),
    ("VLAN too big", {"segments.acme.vlan": 4095}, r"segments\.acme\.vlan: expected a whole number from 1 to 4094"),
    ("VLAN true", {"segments.acme.vlan": True}, r"segments\.acme\.vlan: expected a whole number.*found true"),
    ("VLAN twice", {"segments.acme.vlan": 99}, r"segments\.acme\.vlan: VLAN 99 is already that of segment mgmt"),
    ("VLAN 1 for a client", {"segments.acme.vlan": 1}, r"segments\.acme\.vlan: VLAN 1 .*Valid: 2 to 4094"),
    ("bad class", {"segments.acme.class": "clients"}, r"class: 'clients' is not valid here.*Did you mean client\?"),
    ("host bits", {"segments.acme.subnets": ["10.1.10.5/24"]}, r"is no subnet, did you mean 10\.1\.10\.0/24\?"),
    ("no subnet", {"segments.acme.subnets": ["ten"]}, r"subnets\[0\]: 'ten' is no subnet; write it as"),
    ("multicast", {"segments.acme.subnets": ["224.0.0.0/8"]}, r"224\.0\.0\.0/8 can't be a segment's subnet"),
    ("overlap", {"segments.acme.subnets": ["10.1.20.128/25"]}, r"10\.1\.20\.128/25 overlaps 10\.1\.20\.0/24"),
    ("overlap v6", {"segments.acme.subnets": ["fd01:20::/48"]}, r"overlaps fd01:20::/\d\d"),
    ("reserved name", {"segments.internet": {}}, r"segments\.internet: the name internet has a meaning of its own"),
    ("one group", {"segments.a-b": {}, "segments.a_b": {}}, r"a_b and a-b would be the same group"),
    ("host as segment", {"hosts.acme": {}}, r"hosts\.acme: acme is already the name of one of the segments"),
    ("client as segment", {"clients.globex": {"title": "G", "segment": "acme"}}, r"clients\.globex: globex is already"),
    (
        "shared",
        {"clients.g2": {"title": "G", "segment": "acme"}},
        r"clients\.g2\.segment: .*that of client acme already",
    ),
    ("client elsewhere", {"clients.acme.segment": "cards"}, r"segment cards has class card_data; a client's"),
    ("client nowhere", {"clients.acme.segment": "acne"}, r"there is no segment 'acne'\. .*Did you mean acme\?"),
    ("bad domain", {"clients.acme.sites_allowed": ["http://x"]}, r"sites_allowed\[0\]: expected domain name"),
    ("bad host name", {"hosts.DB_1": {}}, r"hosts\.DB_1: 'DB_1' is no host name"),
    ("number as name", {"hosts.12": {}}, r"hosts: the name 12 is no text|'12' is no host name"),
    ("no segment", {"hosts.db1.segment": DELETE}, r"hosts\.db1\.segment: this key is missing"),
    ("segment unknown", {"hosts.db1.segment": "card"}, r"there is no segment 'card'\. .*Did you mean cards\?"),
    ("bad kind", {"hosts.db1.kind": "databse"}, r"hosts\.db1\.kind: 'databse' .*Did you mean database\?"),
    ("kind twice", {"hosts.db1.kind": ["web", "web"]}, r"hosts\.db1\.kind\[1\]: 'web' is in this list twice"),
    ("no kind", {"hosts.db1.kind": []}, r"hosts\.db1\.kind: expected a list of at least one entry"),
    ("bad os", {"hosts.db1.os": "debian11"}, r"hosts\.db1\.os: 'debian11' .*Valid: debian12, debian13"),
    ("bad host class", {"hosts.db1.class": "x"}, r"hosts\.db1\.class: 'x' is not valid here"),
    ("no address", {"hosts.log1.address": DELETE}, r"hosts\.log1: has neither address nor address6"),
    ("not an address", {"hosts.db1.address": "10.1.40"}, r"hosts\.db1\.address: expected an IP address"),
    ("prefix", {"hosts.db1.address": "10.1.40.10/24"}, r"an address has no prefix length"),
    ("zone", {"hosts.db1.address6": "fd01:40::1%eth0"}, r"hosts\.db1\.address6: expected an IP address without a zone"),
    ("family", {"hosts.db1.address": "fd01:40::9"}, r"expected an IPv4 address, .*goes to address6"),
    ("address twice", {"hosts.db1.address": "10.1.30.10"}, r"10\.1\.30\.10 is already hosts\.\w+\.address"),
    ("leg twice", {"hosts.db1.address": "10.1.40.1"}, r"10\.1\.40\.1 is already hosts\.gw1\.interfaces\.cards\[0\]"),
    ("v6 twice", {"hosts.db1.address6": "fd01:0040:0::1"}, r"fd01:40::1 is already hosts\.gw1\.interfaces\.cards\[1\]"),
    ("other subnet", {"hosts.db1.address": "10.1.30.9"}, r"in no subnet of segment cards; it lies in segment servers"),
    ("no subnet's", {"hosts.db1.address": "10.9.9.9"}, r"10\.9\.9\.9 is in no subnet of segment cards\. Valid: 10"),
    ("network", {"hosts.db1.address": "10.1.40.0"}, r"is the network address of 10\.1\.40\.0/24"),
    ("broadcast", {"hosts.db1.address": "10.1.40.255"}, r"is the broadcast address of 10\.1\.40\.0/24"),
    ("anycast", {"hosts.db1.address6": "fd01:40::"}, r"is the subnet router anycast address"),
    ("leg of no gateway", {"hosts.db1.interfaces": {"acme": ["10.1.10.9"]}}, r"hosts\.db1\.interfaces: only a host of"),
    ("leg at home", {"hosts.gw1.interfaces.mgmt": ["10.1.99.2"]}, r"mgmt is the host's own segment"),
    ("leg nowhere", {"hosts.gw1.interfaces.acne": ["10.1.99.2"]}, r"interfaces\.acne: there is no segment 'acne'"),
    ("variable name", {"hosts.db1.vars": {"a-b": 1}}, r"hosts\.db1\.vars\.a-b: is no name of an Ansible variable"),
    ("derived", {"vars": {"firewall_flow_rules": []}}, r"vars\.firewall_flow_rules: is derived from the model"),
    ("gateway unknown", {"segments.acme.gateway": "gw"}, r"segments\.acme\.gateway: 'gw' is no gateway .*Valid: gw1"),
    ("gateway is none", {"segments.acme.gateway": "db1"}, r"segments\.acme\.gateway: 'db1' is no gateway"),
    ("unknown to", {"flows.0.to": "db2"}, r"flows\[0\]\.to\[0\]: 'db2' is no host, .*Did you mean db1\?"),
    ("unknown from", {"flows.0.from": ["acme", "x"]}, r"flows\[0\]\.from\[1\]: 'x' is no host"),
    ("itself", {"flows.0.from": "db1"}, r"flows\[0\]\.to: the flow goes from db1 to itself"),
    ("inside address", {"flows.0.to": "10.1.40.77"}, r"10\.1\.40\.77 lies in segment cards: write the segment's name"),
    ("host's address", {"flows.0.to": "10.1.40.10"}, r"10\.1\.40\.10 is host db1: write its name"),
    ("around a segment", {"flows.0.to": "10.1.0.0/16"}, r"10\.1\.0\.0/16 lies in segment"),
    ("everything", {"flows.0.to": "0.0.0.0/0"}, r"every address there is; write internet"),
    ("host bits in flow", {"flows.0.to": "8.8.8.8/24"}, r"did you mean 8\.8\.8\.0/24\?"),
    ("outside only", {"flows.0.from": "9.9.9.8", "flows.0.to": "9.9.9.9"}, r"neither end of this flow is in the site"),
    (
        "card data",
        {"published": [{**SERVICE, "host": "db1"}]},
        r"published\[0\]: db1 has class card_data: there is no flow between it and",
    ),
    ("card data out", {"flows.0": {**FLOW, "from": "cards", "to": "internet"}}, r"cards has class card_data"),
    ("no reason", {"flows.0.reason": DELETE}, r"flows\[0\]\.reason: this key is missing"),
    ("blank owner", {"flows.0.owner": "  "}, r"flows\[0\]\.owner: expected text, found '  '"),
    ("two lines", {"flows.0.owner": "a\nb"}, r"flows\[0\]\.owner: expected text on one line"),
    (
        "template",
        {"flows.0.owner": "{{ x }}"},
        r"flows\[0\]\.owner: .*looks like a template; templates work",
    ),
    ("protocol", {"flows.0.protocol": "tpc"}, r"flows\[0\]\.protocol: 'tpc' .*Did you mean tcp\?"),
    ("no ports", {"flows.0.ports": DELETE}, r"flows\[0\]\.ports: this key is missing; tcp needs the ports"),
    ("icmp ports", {"flows.0.protocol": "icmp"}, r"flows\[0\]\.ports: icmp has no ports"),
    ("port 0", {"flows.0.ports": [0]}, r"flows\[0\]\.ports\[0\]: expected a port from 1 to 65535"),
    ("port range", {"flows.0.ports": ["20-10"]}, r"flows\[0\]\.ports\[0\]: expected a port .*found '20-10'"),
    (
        "risky port",
        {"flows.0.ports": ["1-100"]},
        r"flows\[0\]\.mitigation: this key is missing; say .*\(tcp 7 is echo: .*tcp 20-21 is ftp: .*; and 2 more\)",
    ),
    (
        "risky protocol",
        {"flows.0.protocol": "any", "flows.0.ports": DELETE},
        r"flows\[0\]\.mitigation: .*every service",
    ),
    ("empty mitigation", {"flows.0.mitigation": " ", "flows.0.ports": [23]}, r"flows\[0\]\.mitigation: expected text"),
    ("ports overlap", {"flows.0.ports": ["10-20", 15]}, r"flows\[0\]\.ports: 15 is in 10-20 already"),
    (
        "flow twice",
        {"flows.0": {**FLOW, "name": "x"}, "flows.1": {**FLOW, "name": "x"}},
        r"flows\[1\]\.name: the name x",
    ),
    ("flow name", {"flows.0.name": "A flow"}, r"flows\[0\]\.name: expected flow name"),
    ("flow name __", {"flows.0.name": "a__2"}, r"flows\[0\]\.name: expected flow name"),
    ("flow's taken name", {"flows.0.name": "administration-ssh"}, r"the name of the rules that administration gives"),
    ("date", {"flows.0.review_by": "2027-02-30"}, r"flows\[0\]\.review_by: expected a date such as"),
    (
        "no family",
        {"flows.0.protocol": "icmpv6", "flows.0.to": "log1"},
        r"flows\[0\]\.to: log1 has no address that icmpv6",
    ),
    ("admin internet", {"administration.sources": ["internet"]}, r"administration from the whole internet is refused"),
    (
        "admin unknown",
        {"administration.sources": ["mgm"]},
        r"administration\.sources\[0\]: 'mgm' .*Did you mean mgmt\?",
    ),
    ("no admin", {"administration.sources": []}, r"administration\.sources: expected a list of at least one"),
    (
        "local outside",
        {"administration.local_sources": ["9.9.9.9"]},
        r"local_sources\[0\]: 9\.9\.9\.9 lies in no segment",
    ),
]


@pytest.mark.parametrize(("changes", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_refused(changes: dict[str, Any], says: str, small: dict[str, Any], refused: Refused) -> None:
    small["flows"].append(dict(FLOW, name="spare"))
    small["flows"][1]["from"] = "ws1"
    for path, value in changes.items():
        put(small, path, value)
    problems = refused(small)
    assert any(re.search(says, problem) for problem in problems), problems
    assert all(re.match(r"site\.yml:\d+: ", problem) for problem in problems), problems


def test_the_small_model_loads(small_text: str) -> None:
    site = load_site(small_text, "site.yml")
    assert site.segments["acme"].gateway == "gw1"
    assert [str(address) for address in site.hosts["gw1"].legs["cards"]] == ["10.1.40.1", "fd01:40::1"]


def test_all_mistakes_are_reported_at_once_with_their_lines(small_text: str, refused: Refused) -> None:
    broken = (
        small_text.replace("vlan: 10,", "vlan: 99,")
        .replace("title: Small site", "titel: Small site")
        .replace("address: 10.1.40.10,", "address: 10.1.30.10,")
        .replace("to: db1,", "to: db7,")
        .replace("owner: ops}", "}")
    )
    problems = refused(broken)
    assert [problem.split(": ", 2)[:2] for problem in problems] == [
        ["site.yml:3", "site.titel"],
        ["site.yml:3", "site.title"],
        ["site.yml:6", "segments.acme.vlan"],
        ["site.yml:25", "hosts.db1.address"],
        ["site.yml:26", "hosts.mail1.address"],
        ["site.yml:31", "flows[0].owner"],
        ["site.yml:31", "flows[0].to[0]"],
    ]


def test_a_broken_host_is_not_called_unknown_by_its_flows(small: dict[str, Any], refused: Refused) -> None:
    del small["hosts"]["db1"]["segment"]
    (problem,) = refused(small)
    assert "hosts.db1.segment" in problem


def test_two_gateways_in_a_segment_need_a_choice(small: dict[str, Any], refused: Refused) -> None:
    small["hosts"]["gw2"] = {"kind": "gateway", "segment": "servers", "address": "10.1.30.2", "os": "debian12"}
    (problem,) = refused(small)
    assert "segments.servers: gw1 and gw2 are gateways" in problem
    small["segments"]["servers"]["gateway"] = "gw2"
    import yaml

    assert load_site(yaml.safe_dump(small), "site.yml").segments["servers"].gateway == "gw2"


def test_a_flow_into_a_segment_that_no_gateway_serves(small: dict[str, Any], refused: Refused) -> None:
    del small["hosts"]["gw1"]["interfaces"]["cards"]
    (problem,) = refused(small)
    assert "flows[0].to: no gateway serves segment cards" in problem


def test_a_site_without_gateways_is_routed_by_someone_else(small: dict[str, Any], derive: Any) -> None:
    del small["hosts"]["gw1"]
    inventory = derive(small)
    assert "default_gateway" not in inventory.host_variables["db1"]["ringfence_host"]


@pytest.mark.parametrize("text", ["", "---", "[]", "text", "5", "plugin: ringfence.callcenter.site"])
def test_what_is_no_model_at_all(text: str, refused: Refused) -> None:
    assert refused(text)


def test_the_report_is_short_even_for_a_thousand_mistakes(small: dict[str, Any]) -> None:
    import yaml

    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import SiteModelError

    small["hosts"] = {f"h{number}": {"kind": "x"} for number in range(500)}
    with pytest.raises(SiteModelError) as caught:
        load_site(yaml.safe_dump(small), "site.yml")
    report = caught.value.report().splitlines()
    assert len(report) == 202
    assert report[-1].startswith("  … and ")


def test_derived_rule_names_fit_the_firewall_role() -> None:
    pattern = schema.FLOW_NAME.pattern
    assert pattern is not None
    assert pattern.fullmatch("a" * 56)
    assert not pattern.fullmatch("a" * 57)
    assert pattern.fullmatch("a_b-c--d")
    assert not pattern.fullmatch("a__b")
