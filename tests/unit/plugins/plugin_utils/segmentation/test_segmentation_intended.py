# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is intended, read from flows by name, agrees with the firewall rules that the site model derives."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.intended import Intent
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.plan import Options, Planner
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import (
    INTERNET,
    End,
    SegmentationError,
    SiteView,
    read_site,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory
from tests.unit.plugins.plugin_utils.segmentation.conftest import view
from tests.unit.plugins.plugin_utils.site_model.test_site_properties import (
    KINDS_OF_PACKET,
    accepted,
    hops,
    load,
    models,
    passes,
)

#: The source of somebody outside: an address that is the internet's and nobody's.
ELSEWHERE = {4: "198.51.100.9", 6: "2001:db8::9"}


def site_of(inventory: Inventory) -> SiteView:
    return read_site({host: {**inventory.site_variables, **own} for host, own in inventory.host_variables.items()})


def packets(source: End, target: End) -> Any:
    for protocol, port in KINDS_OF_PACKET:
        if source.version == target.version and protocol != ("icmp" if target.version == 6 else "icmpv6"):
            yield source.address, target.address, protocol, port


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_between_hosts_it_is_what_the_rules_let_through(model: dict[str, Any]) -> None:
    """Out of the source, through the gateways, into the target: the rules accept exactly what is intended."""
    inventory = load(model)
    site = site_of(inventory)
    intent = Intent(site)
    sources = [host for host in site.hosts.values() if not host.is_gateway]  # a gateway is no place to try from
    for one, other in itertools.product(sources, site.hosts.values()):
        if one is other:
            continue
        for source, target in itertools.product(one.ends, other.ends):
            for packet in packets(source, target):
                wanted = intent.flow(source, target, *packet[2:]) is not None
                assert wanted == passes(model, inventory, (one.name, other.name), packet), packet


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_for_a_machine_that_is_no_host_it_is_what_gateways_and_targets_let_through(model: dict[str, Any]) -> None:
    """A namespace has a free address of a segment and no firewall of its own."""
    inventory = load(model)
    site = site_of(inventory)
    intent = Intent(site)
    for at, segment in enumerate(site.segments):
        for target in (end for host in site.hosts.values() for end in host.ends):
            address = f"fd00:{at + 1}::fe" if target.version == 6 else f"10.{at + 1}.0.250"
            source = End(None, segment, address)
            guest = {"kind": "server", "segment": segment}
            way = hops({**model, "hosts": {**model["hosts"], "guest": guest}}, "guest", target.host or "")
            for packet in packets(source, target):
                got = all(accepted(inventory, gateway, "forward", packet) for gateway in way)
                got = got and accepted(inventory, target.host or "", "inbound", packet)
                assert (intent.flow(source, target, *packet[2:]) is not None) == got, packet


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models(), st.sampled_from((4, 6)))
def test_from_outside_it_is_what_gateways_and_targets_let_through(model: dict[str, Any], version: int) -> None:
    inventory = load(model)
    site = site_of(inventory)
    intent = Intent(site)
    source = End(None, INTERNET, ELSEWHERE[version])
    for host in site.hosts.values():
        for target in host.ends:
            for packet in packets(source, target):
                got = accepted(inventory, host.name, "inbound", packet)
                if not host.is_gateway:
                    named = model["segments"][host.segment].get("gateway")
                    legs = (gw.name for gw in site.gateways if host.segment in gw.legs)
                    got = got and accepted(inventory, named or next(legs), "forward", packet)
                assert (intent.flow(source, target, *packet[2:]) is not None) == got, packet


def end(site: SiteView, host: str, version: int = 4, leg: str = "") -> End:
    ends = site.hosts[host].ends
    return next(found for found in ends if found.version == version and found.segment == (leg or found.segment))


@pytest.mark.parametrize(
    ("port", "flow"), [(5432, "agents-to-db"), (7000, "agents-to-db"), (7010, "agents-to-db"), (7011, None), (22, None)]
)
def test_a_port_in_a_range_is_meant(site: SiteView, port: int, flow: str | None) -> None:
    assert Intent(site).flow(end(site, "ws1"), end(site, "db1"), "tcp", port) == flow


def test_a_flow_goes_one_way_and_means_one_protocol(site: SiteView) -> None:
    intent = Intent(site)
    assert intent.flow(end(site, "db1"), end(site, "ws1"), "tcp", 5432) is None
    assert intent.flow(end(site, "ws1"), end(site, "db1"), "udp", 5432) is None


def test_administration_is_meant_from_its_segment_only(site: SiteView) -> None:
    intent = Intent(site)
    seat = End(None, "mgmt", "10.1.99.250")
    assert intent.flow(seat, end(site, "db1"), "tcp", 22) == "administration-ssh"
    assert intent.flow(end(site, "ws1"), end(site, "db1"), "tcp", 22) is None
    assert intent.flow(End(None, INTERNET, "192.0.2.250"), end(site, "db1"), "tcp", 22) is None


def test_administration_is_meant_on_the_ports_of_each_host(model: dict[str, Any]) -> None:
    model["administration"]["ports"] = [2200, 22]
    model["hosts"]["db1"]["ssh_port"] = 2222
    site = view(model)
    intent, seat = Intent(site), End(None, "mgmt", "10.1.99.250")
    found = {
        (host, port)
        for host in ("db1", "ws1")
        for port in (22, 2200, 2222)
        if intent.flow(seat, end(site, host), "tcp", port) == "administration-ssh"
    }
    assert found == {("db1", 2222), ("ws1", 22), ("ws1", 2200)}
    assert site.administration_ports == {22, 2200, 2222}
    assert {22, 2200, 2222} <= set(Planner(site, Options(common_ports=False), site.hosts).tcp)


def test_the_web_filter_answers_at_the_leg_of_its_client_only(site: SiteView) -> None:
    intent = Intent(site)
    assert intent.flow(end(site, "ws1"), end(site, "gw1", leg="acme"), "tcp", 3128) == "web-filter-acme"
    assert intent.flow(end(site, "ws1"), end(site, "gw1", leg="cards"), "tcp", 3128) is None
    assert intent.flow(end(site, "ws1"), end(site, "gw1", leg="mgmt"), "tcp", 3128) is None


def test_an_inventory_without_a_site_model_is_refused() -> None:
    with pytest.raises(SegmentationError, match="site model"):
        read_site({"a": {"ansible_host": "10.1.1.1"}})


def test_two_sites_at_once_are_refused(site: SiteView) -> None:
    about = {"kinds": ["server"], "segment": "a", "interfaces": []}
    told = {"ringfence_host": about, "ringfence_segments": {}}
    with pytest.raises(SegmentationError, match="lisbon, porto"):
        read_site({name: {**told, "ringfence_site": {"name": name}} for name in ("lisbon", "porto")})
