# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who tries what: addresses of the inventory only, bounded, with a way that can be opened on purpose."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.plan import Options, Planner
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.ports import COMMON_TCP, wanted_ports
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SegmentationError
from tests.unit.plugins.plugin_utils.site_model.test_site_properties import load, models

from .conftest import view
from .test_segmentation_intended import site_of

if TYPE_CHECKING:
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SiteView

RUN = "20261126T110000Z"


def planner(site: SiteView, present: list[str] | None = None, **options: Any) -> Planner:
    return Planner(site, Options(**options), list(site.hosts) if present is None else present)


def tried(plan: dict[str, Any]) -> set[str]:
    every = [probe for probes in plan["probes"].values() for probe in probes] + (plan["control"] or {"probes": []})[
        "probes"
    ]
    return {target["address"] for probe in every for target in probe["targets"]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_only_addresses_of_the_inventory_are_ever_tried(model: dict[str, Any]) -> None:
    """Whatever the flows name: networks outside, partners and the internet are never targets."""
    site = site_of(load(model))
    plan = planner(site).plan(RUN, 2)
    assert tried(plan) <= set(site.owners)
    assert tried(plan)
    # And a namespace never takes an address that somebody has.
    taken = [
        source
        for probes in plan["probes"].values()
        for probe in probes
        if probe["namespace"]
        for source in probe["sources"]
    ]
    assert not set(taken) & set(site.owners)


def test_every_segment_tries_every_other_segments_hosts(site: SiteView) -> None:
    plan = planner(site).plan(RUN, 2)
    by_place: dict[str, set[str]] = {}
    for probes in plan["probes"].values():
        for probe in probes:
            by_place.setdefault(probe["place"], set()).update(target["address"] for target in probe["targets"])
    assert set(by_place) == {*site.segments, "internet"}
    for place, addresses in by_place.items():
        elsewhere = {end.address for host in site.hosts.values() for end in host.ends if end.segment != place}
        assert elsewhere <= addresses


def test_a_segment_without_a_host_is_tried_from_a_namespace_with_free_addresses_of_it(site: SiteView) -> None:
    plan = planner(site).plan(RUN, 2)
    (probe,) = (probe for probe in plan["probes"]["gw1"] if probe["place"] == "mgmt")
    assert probe["namespace"]
    assert probe["sources"] == ["10.1.99.251", "fd01:99::feea"]
    networks = site.networks("mgmt")
    assert all(any(ipaddress.ip_address(source) in net for net in networks) for source in probe["sources"])


def test_what_is_needed_leaves_by_the_hosts_own_firewall_and_all_else_past_it(site: SiteView) -> None:
    plan = planner(site).plan(RUN, 2)
    (probe,) = plan["probes"]["ws1"]
    entries = {
        entry["way"]: entry
        for entry in probe["targets"]
        if entry["address"] == "10.1.40.10" and 54321 not in entry["tcp"]
    }
    assert (entries["host"]["tcp"], entries["host"]["udp"], entries["host"]["echo"]) == (
        [5432, 7000, 7005, 7010],
        [],
        False,
    )
    assert set(COMMON_TCP) - {5432} <= set(entries["wire"]["tcp"])
    assert entries["wire"]["echo"]
    assert not set(entries["host"]["tcp"]) & set(entries["wire"]["tcp"])


def test_hosts_that_flows_name_always_take_part(model: dict[str, Any]) -> None:
    model["flows"][0]["from"] = ["ws3"]
    model["flows"].append(model["flows"][0] | {"name": "b", "from": "db1", "to": "ws3"})
    planned = planner(view(model), hosts_per_segment=1, targets_per_segment=1)
    assert [seat.runs_on for seat in planned.seats if seat.place == "acme"] == ["ws3"]
    assert {end.host for end in planned.targets} == {"ws3", "db1", "gw1"}


def test_a_host_that_does_not_take_part_is_still_a_target(site: SiteView) -> None:
    plan = planner(site, present=["gw1", "ws1"]).plan(RUN, 2)
    assert "10.1.40.10" in tried(plan)
    assert set(plan["probes"]) == {"gw1", "ws1"}
    assert plan["control"] is None  # nobody would see what arrives at db1


def test_a_segment_from_where_nobody_can_try_is_said_to_have_none(site: SiteView) -> None:
    planned = planner(site, present=["ws1", "db1"])
    assert set(planned.without_seat) == {"mgmt"}


def test_the_way_opened_on_purpose_joins_two_segments_where_nothing_is_meant(site: SiteView) -> None:
    planned = planner(site)
    control = planned.plan(RUN, 2)["control"]
    assert (control["gateway"], control["host"], control["target"]) == ("gw1", "ws1", "db1")
    assert len(control["ends"]) == 2  # over IPv4 and IPv6
    for pair in control["ends"]:
        source, target = site.owners[pair["source"]], site.owners[pair["target"]]
        assert planned.intent.flow(source, target, "tcp", control["port"]) is None
        assert planned.intent.flow(source, target, "udp", control["port"]) is None


def test_the_way_opened_on_purpose_takes_another_port_where_its_own_is_meant(model: dict[str, Any]) -> None:
    model["flows"][0]["ports"] = [5432, "54000-54321"]
    assert planner(view(model)).plan(RUN, 2)["control"]["port"] == 54322


def test_it_is_tried_again_with_everything_else(site: SiteView) -> None:
    plan = planner(site).plan(RUN, 2)
    entries = [entry for entry in plan["probes"]["ws1"][0]["targets"] if entry["tcp"] == [plan["control"]["port"]]]
    assert {entry["address"] for entry in entries} == {"10.1.40.10", "fd01:40::10"}


def test_too_many_tries_are_refused_with_what_to_do(site: SiteView) -> None:
    with pytest.raises(SegmentationError, match="segmentation_test_max_tries") as caught:
        planner(site, max_tries=100).plan(RUN, 2)
    assert "segmentation_test_targets_per_segment" in str(caught.value)


def test_wrong_addresses_are_all_refused_at_once(site: SiteView) -> None:
    addresses = {"acme": ("10.1.10.11", "10.1.40.9", "x"), "nowhere": ("10.1.10.9",), "internet": ("10.1.10.8",)}
    with pytest.raises(SegmentationError) as caught:
        planner(site, addresses=addresses).plan(RUN, 2)
    text = "\n".join(caught.value.errors)
    assert len(caught.value.errors) == 5
    assert "10.1.10.11 is ws1's" in text
    assert "10.1.40.9 lies in cards" in text
    assert "'x' is no IP address" in text
    assert "'nowhere' is no segment of the site. Valid: mgmt, acme, cards, internet" in text


def test_ports_are_those_of_flows_the_common_ones_and_the_wanted() -> None:
    flows = [{"protocol": "tcp", "ports": [8001, "9000-9100"]}, {"protocol": "udp", "ports": [7]}]
    assert wanted_ports("tcp", flows, [4], common=False) == [4, 8001, 9000, 9050, 9100]
    assert wanted_ports("udp", flows, [], common=False) == [7]
    assert set(COMMON_TCP) <= set(wanted_ports("tcp", [], []))


def test_the_watch_lasts_as_long_as_the_hosts_take_in_turns(site: SiteView) -> None:
    few = planner(site).plan(RUN, 2, forks=1)["watch_seconds"]
    many = planner(site).plan(RUN, 2, forks=50)["watch_seconds"]
    assert few > many > 180
