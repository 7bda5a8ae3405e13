# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sightings mean. Silence alone is never a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    CLOSED,
    CONTROL_PHASE,
    MAIN_PHASE,
    NOT_TESTED,
    OPEN,
    Judge,
    Sightings,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.plan import Options, Planner
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.record import due_after, make_record
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import INTERNET, End

if TYPE_CHECKING:
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SiteView

WS1, WS2, DB1, GW1 = "10.1.10.11", "10.1.10.12", "10.1.40.10", "10.1.40.1"
UDP = ("udp", 161)

# Where the probe from ws1 was seen, in the order of its way.
LEFT, GATEWAY_IN, GATEWAY_OUT, ARRIVED, ACCEPTED = (
    ("ws1", "out"),
    ("gw1", "in"),
    ("gw1", "out"),
    ("db1", "in"),
    ("db1", "accepted"),
)
WAY = (LEFT, GATEWAY_IN, GATEWAY_OUT, ARRIVED, ACCEPTED)


def judged(
    site: SiteView,
    seen: tuple[tuple[str, str], ...],
    *,
    meant: bool,
    target: str = DB1,
    watching: tuple[str, ...] = ("ws1", "gw1", "db1"),
    **told: Any,
) -> tuple[str, str | None]:
    """The verdict on one UDP probe of ws1 that was seen at some places, and who stopped it."""
    sightings = Sightings()
    for host in ("ws1", "ws2", "gw1", "db1"):
        places = [[where, MAIN_PHASE, WS1, target, "udp", [161]] for name, where in seen if name == host]
        sightings.add_watch(host, {"watched": host in watching, "seen": places})
    sightings.add_probe(MAIN_PHASE, "ws1", {"place": "acme", "sources": [WS1], **told})
    ends = site.owners[WS1], site.owners[target]
    found = Judge(site, sightings).verdict(MAIN_PHASE, "ws1", ends, UDP, meant)
    return found.verdict, found.stopped_by


@pytest.mark.parametrize(
    ("steps", "verdict", "by"),
    [
        (0, NOT_TESTED, None),
        (1, NOT_TESTED, None),  # it left, and the gateway never saw it: a dead link looks the same
        (2, AS_INTENDED, "gateway gw1"),
        (3, OPEN, "firewall of db1"),
        (4, OPEN, "firewall of db1"),
        (5, OPEN, None),
    ],
)
def test_how_far_a_packet_comes_that_no_flow_means(site: SiteView, steps: int, verdict: str, by: str | None) -> None:
    assert judged(site, WAY[:steps], meant=False) == (verdict, by)


@pytest.mark.parametrize(
    ("steps", "verdict", "by"),
    [
        (0, NOT_TESTED, None),
        (1, CLOSED, "on the way"),
        (2, CLOSED, "gateway gw1"),
        (4, CLOSED, "firewall of db1"),
        (5, AS_INTENDED, None),
    ],
)
def test_how_far_a_packet_comes_that_a_flow_means(site: SiteView, steps: int, verdict: str, by: str | None) -> None:
    assert judged(site, WAY[:steps], meant=True) == (verdict, by)


def test_a_target_that_does_not_watch_leaves_silence_untested(site: SiteView) -> None:
    """The gateway drops it, or the host is off and nobody answers for its address: nothing tells."""
    watching = ("ws1", "gw1")
    assert judged(site, WAY[:2], meant=False, watching=watching)[0] == NOT_TESTED
    assert judged(site, WAY[:2], meant=True, watching=watching)[0] == NOT_TESTED
    assert judged(site, WAY[:3], meant=False, watching=watching)[0] == OPEN


@pytest.mark.parametrize(("how", "verdict"), [("open", OPEN), ("refused", OPEN), ("rejected", AS_INTENDED)])
def test_an_answer_of_the_target_proves_that_packets_cross(site: SiteView, how: str, verdict: str) -> None:
    """A reset or port unreachable by the target is an open way; a router's refusal is a closed one."""
    answers = [[DB1, "udp", 161, how]]
    assert judged(site, WAY[:2], meant=False, answers=answers)[0] == verdict
    if verdict == OPEN:
        assert judged(site, (), meant=False, watching=(), answers=answers)[0] == OPEN
        assert judged(site, (), meant=True, watching=(), answers=answers)[0] == AS_INTENDED


def test_the_probers_own_firewall_is_named(site: SiteView) -> None:
    assert judged(site, (), meant=True, blocked=[[DB1, "udp", 161]]) == (CLOSED, "firewall of ws1")


def test_an_error_of_the_prober_is_not_tested(site: SiteView) -> None:
    assert judged(site, (), meant=False, error="no namespace")[0] == NOT_TESTED


def test_in_one_segment_only_the_targets_own_firewall_decides(site: SiteView) -> None:
    watching = ("ws1", "ws2", "gw1")
    arrived = (LEFT, ("ws2", "in"))
    assert judged(site, arrived, meant=False, target=WS2, watching=watching) == (AS_INTENDED, "firewall of ws2")
    assert judged(site, (*arrived, ("ws2", "accepted")), meant=False, target=WS2, watching=watching) == (OPEN, None)
    assert judged(site, arrived, meant=True, target=WS2, watching=watching) == (CLOSED, "firewall of ws2")


def test_the_gateway_itself_is_a_target_too(site: SiteView) -> None:
    assert judged(site, (LEFT, GATEWAY_IN), meant=False, target=GW1) == (AS_INTENDED, "firewall of gw1")
    assert judged(site, (LEFT, GATEWAY_IN, ("gw1", "accepted")), meant=False, target=GW1) == (OPEN, None)
    assert judged(site, (LEFT,), meant=False, target=GW1)[0] == NOT_TESTED


def test_a_namespace_has_left_once_its_gateway_sees_it(site: SiteView) -> None:
    sightings = Sightings()
    source = End(None, INTERNET, "192.0.2.250")
    for host in ("gw1", "db1"):
        seen = [["in", MAIN_PHASE, source.address, DB1, "udp", [161]]] if host == "gw1" else []
        sightings.add_watch(host, {"watched": True, "seen": seen})
    sightings.add_probe(MAIN_PHASE, "gw1", {"place": INTERNET, "sources": [source.address]})
    judge = Judge(site, sightings)
    ends = source, site.owners[DB1]
    assert judge.verdict(MAIN_PHASE, "gw1", ends, UDP, False)[:2] == (AS_INTENDED, "gateway gw1")
    assert judge.verdict(MAIN_PHASE, "gw1", ends, ("udp", 162), False).verdict == NOT_TESTED
    assert judge.verdict(CONTROL_PHASE, "gw1", ends, UDP, False).verdict == NOT_TESTED


# --- the record --------------------------------------------------------------------------------------------------


class World:
    """A pretended site that lets through what is intended, with exceptions."""

    def __init__(self, site: SiteView, **options: Any) -> None:
        self.planner = Planner(site, Options(common_ports=False, udp_ports=(161,), **options), list(site.hosts))
        self.plan = self.planner.plan("20261126T110000Z", 2)
        self.open: set[tuple[str, str, int]] = set()  # target, protocol, port
        self.shut: set[tuple[str, str, int]] = set()
        self.dead: set[str] = set()
        self.control_open = True

    def record(self, problem: str = "", fail_on: tuple[str, ...] = (OPEN, CLOSED, NOT_TESTED)) -> dict[str, Any]:
        """What the test would find."""
        sightings, seen = Sightings(), {host: [] for host in self.planner.site.hosts}
        for seat in self.planner.seats:
            if seat.runs_on not in self.dead:
                self._try(seat, seen)
                sources = [end.address for end in seat.ends]
                sightings.add_probe(MAIN_PHASE, seat.runs_on, {"place": seat.place, "sources": sources})
        control = self.plan["control"]
        for pair in control["ends"]:
            source, target = (self.planner.site.owners[pair[key]] for key in ("source", "target"))
            for what in (
                ("tcp", control["port"]),
                ("udp", control["port"]),
                ("icmpv6" if target.version == 6 else "icmp", 0),
            ):
                for phase, opened in ((CONTROL_PHASE, self.control_open), (MAIN_PHASE, False)):
                    self._pass(seen, (phase, control["host"]), (source, target), what, opened)
        sightings.add_probe(CONTROL_PHASE, control["host"], control["probes"][0])
        for host, places in seen.items():
            sightings.add_watch(host, {"watched": host not in self.dead, "seen": places})
        return make_record(
            self.planner,
            self.plan,
            sightings,
            times=("2026-11-26T11:00:00Z", "2026-11-26T11:01:00Z"),
            months=6,
            fail_on=fail_on,
            problem=problem,
            effort={},
        )

    def _try(self, seat: Any, seen: dict[str, list[Any]]) -> None:
        for ends in self.planner.pairs(seat):
            for protocol, port, flow in self.planner.tries(*ends):
                what = (ends[1].address, protocol, port)
                opened = (flow is not None or what in self.open) and what not in self.shut
                self._pass(seen, (MAIN_PHASE, seat.runs_on), ends, (protocol, port), opened)

    def _pass(
        self, seen: Any, call: tuple[int, str], ends: tuple[End, End], what: tuple[str, int], opened: bool
    ) -> None:
        (phase, runs_on), (source, target) = call, ends
        about = [phase, source.address, target.address, what[0], [what[1]]]
        if source.host:
            seen[runs_on].append(["out", *about])
        if target.segment != source.segment or not source.host:
            seen["gw1"].append(["in", *about])
        if target.host and opened:
            seen[target.host] += [["in", *about], ["accepted", *about]]
        elif target.host and target.segment == source.segment:
            seen[target.host].append(["in", *about])


@pytest.fixture
def world(site: SiteView) -> World:
    return World(site)


def test_a_site_that_does_what_is_meant_passes(world: World) -> None:
    record = world.record()
    assert record["findings"] == []
    assert {cell["verdict"] for cell in record["matrix"]} == {AS_INTENDED}
    assert (record["outcome"], record["due"], record["activity"], record["schema"]) == (
        "pass",
        "2027-05-26",
        "segmentation_test",
        1,
    )
    assert record["summary"]["tries"] == world.plan["tries"] == record["summary"]["tries_by_verdict"][AS_INTENDED]
    assert record["summary"]["needed"] > 0
    assert record["negative_control"]["seen"]


def test_an_open_port_turns_its_pair_and_no_other(world: World) -> None:
    world.open.add((DB1, "udp", 161))
    record = world.record()
    assert {(finding["port"], finding["measured"], finding["to"]) for finding in record["findings"]} == {
        (161, OPEN, "db1")
    }
    bad = {(cell["from"], cell["to"]) for cell in record["matrix"] if cell["verdict"] != AS_INTENDED}
    assert bad == {("mgmt", "cards"), ("acme", "cards"), ("internet", "cards")}
    assert record["outcome"] == "fail"


def test_a_needed_flow_that_is_shut_is_closed_but_needed(world: World) -> None:
    world.shut.add((DB1, "tcp", 5432))
    record = world.record()
    assert {(tuple(finding["pair"]), finding["measured"], finding["flow"]) for finding in record["findings"]} == {
        (("acme", "cards"), CLOSED, "agents-to-db")
    }
    assert record["outcome"] == "fail"
    assert world.record(fail_on=(OPEN, NOT_TESTED))["outcome"] == "pass"


def test_a_host_that_gave_no_answer_is_not_tested_and_fails(world: World) -> None:
    world.dead = {"ws1", "ws2"}
    record = world.record()
    row = {cell["to"]: cell["verdict"] for cell in record["matrix"] if cell["from"] == "acme"}
    assert set(row.values()) == {NOT_TESTED}
    assert record["outcome"] == "fail"


def test_a_blind_test_fails_though_all_seems_as_intended(world: World) -> None:
    world.control_open = False
    record = world.record()
    assert record["findings"] == []
    assert record["negative_control"]["seen"] is False
    assert record["outcome"] == "fail"
    assert world.record(fail_on=())["outcome"] == "fail"  # no knob lets it pass


def test_a_way_that_could_not_be_closed_fails(world: World) -> None:
    record = world.record(problem="gw1: no answer")
    assert (record["outcome"], record["negative_control"]["note"]) == ("fail", "gw1: no answer")


def test_flows_that_nobody_can_try_are_named(world: World) -> None:
    untried = world.record()["scope"]["flows_not_tried"]
    assert "web-filter-sites" in untried  # from the gateway to the internet
    assert "agents-to-db" not in untried


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [("2026-11-26T11:00:00Z", 6, "2027-05-26"), ("2026-08-31", 6, "2027-02-28"), ("2026-12-01", 1, "2027-01-01")],
)
def test_when_the_next_is_due(day: str, months: int, due: str) -> None:
    assert due_after(day, months) == due
