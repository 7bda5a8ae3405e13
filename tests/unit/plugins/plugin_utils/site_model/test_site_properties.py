# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For any model that loads: two hosts can talk exactly when a flow or the administration says so.

The test walks packets through the derived rules of the hosts on their way, with a routing of its own, and compares with
what the flows say when read directly. Neither side uses the code that derives the rules.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory, inventory_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import Problem, SiteModelError

SEGMENTS = ("sega", "segb", "segc", "segd")
CLASSES = ("client", "servers", "management", "voice")
OUTSIDE = "192.0.2.7"
# libyaml's, where PyYAML has it: these tests write hundreds of models
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def subnets(number: int) -> list[str]:
    return [f"10.{number}.0.0/24", f"fd00:{number}::/64"]


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """A site of some segments with one or two gateways, some hosts and some flows between any of them."""
    count = draw(st.integers(2, len(SEGMENTS)))
    names = SEGMENTS[:count]
    segments: dict[str, Any] = {
        name: {"vlan": 10 + at, "subnets": subnets(at + 1), "class": CLASSES[at]} for at, name in enumerate(names)
    }
    split = draw(st.integers(1, count))  # gw1 serves the first segments, gw2 the others over a leg in gw1's first
    hosts: dict[str, Any] = {"gw1": gateway(names[:split], 1)}
    if split < count:
        hosts["gw2"] = gateway((*names[split:], names[0]), 2)
        segments[names[0]]["gateway"] = "gw1"
    for at in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, count - 1))
        host: dict[str, Any] = {"kind": "server", "segment": names[place], "os": "debian12"}
        families = draw(st.sampled_from(("4", "6", "46")))
        if "4" in families:
            host["address"] = f"10.{place + 1}.0.{10 + at}"
        if "6" in families:
            host["address6"] = f"fd00:{place + 1}::{10 + at}"
        hosts[f"h{at}"] = host
    for host in hosts.values():
        if draw(st.integers(0, 3)) == 0:
            host["ssh_port"] = draw(st.sampled_from((2222, 22)))
    ends = st.lists(st.sampled_from((*names, *hosts, OUTSIDE)), min_size=1, max_size=3, unique=True)
    far_ends = st.lists(st.sampled_from((*names, *hosts, OUTSIDE, "internet")), min_size=1, max_size=3, unique=True)
    flows = []
    for at in range(draw(st.integers(0, 4))):
        protocol = draw(st.sampled_from(("tcp", "udp", "icmp", "icmpv6", "any")))
        flow = {
            "name": f"f{at}",
            "from": draw(ends),
            "to": draw(far_ends),
            "protocol": protocol,
            "reason": "r",
            "owner": "o",
        }
        if protocol in ("tcp", "udp"):
            flow["ports"] = draw(st.sampled_from(([80], ["70-90"], [22, 443])))
        if protocol == "any" or flow.get("ports") == ["70-90"]:
            flow["mitigation"] = "m"
        flows.append(flow)
    published = []
    for at in range(draw(st.integers(0, 3))):
        protocol = draw(st.sampled_from(("tcp", "udp", "icmp", "icmpv6")))
        service = {"name": f"p{at}", "host": draw(st.sampled_from(tuple(hosts))), "protocol": protocol}
        if protocol in ("tcp", "udp"):
            service["ports"] = [draw(st.sampled_from((80, 443, "1000-2000")))]
        published.append({**service, "reason": "r", "owner": "o", "review_by": "2027-03-31"})
    sources = draw(st.lists(st.sampled_from((*names, *hosts, OUTSIDE)), min_size=1, max_size=2, unique=True))
    administration = {"sources": sources, "reason": "r", "owner": "o"}
    ports = draw(st.sampled_from((None, 22, [2200], [22, 2200])))
    if ports is not None:
        administration["ports"] = ports
    return {
        "plugin": "ringfence.callcenter.site",
        "site": {"name": "any", "title": "Any"},
        "segments": segments,
        "hosts": hosts,
        "flows": flows,
        "published": published,
        "administration": administration,
    }


def gateway(legs: tuple[str, ...], last: int) -> dict[str, Any]:
    addresses = {
        leg: [f"10.{SEGMENTS.index(leg) + 1}.0.{last}", f"fd00:{SEGMENTS.index(leg) + 1}::{last}"] for leg in legs
    }
    own, *others = legs
    return {
        "kind": "gateway",
        "segment": own,
        "address": addresses[own][0],
        "address6": addresses[own][1],
        "interfaces": {leg: addresses[leg] for leg in others},
        "os": "debian13",
    }


def covers(model: dict[str, Any], end: str, address: str) -> bool:
    """Whether an end of a flow means an address."""
    ip = ipaddress.ip_address(address)
    if end in model["segments"]:
        return any(ip in ipaddress.ip_network(subnet) for subnet in model["segments"][end]["subnets"])
    if end in model["hosts"]:
        return address in addresses_of(model["hosts"][end])
    if end == "internet":
        return address == "198.51.100.9"
    return end == address


def addresses_of(host: dict[str, Any]) -> list[str]:
    further = [address for leg in host.get("interfaces", {}).values() for address in leg]
    return [host[key] for key in ("address", "address6") if key in host] + further


def intended(model: dict[str, Any], packet: tuple[str, str, str, int]) -> bool:
    """What the flows and the administration say of a packet, read directly."""
    source, destination, protocol, port = packet
    if (
        protocol == "tcp"
        and port in ssh_ports(model, destination)
        and any(covers(model, end, source) for end in model["administration"]["sources"])
    ):
        return True
    for flow in model["flows"]:
        if flow["protocol"] not in ("any", protocol):
            continue
        bounds = [str(item).split("-") for item in flow.get("ports", ["0-65535"])]
        if not any(int(pair[0]) <= port <= int(pair[-1]) for pair in bounds):
            continue
        sides = (flow["from"], source), (flow["to"], destination)
        if all(any(covers(model, end, address) for end in ends) for ends, address in sides):
            return True
    return False


def ssh_ports(model: dict[str, Any], address: str) -> list[int]:
    """Where the sshd of the host with an address listens."""
    own = [host["ssh_port"] for host in model["hosts"].values() if "ssh_port" in host and address in addresses_of(host)]
    said = model["administration"].get("ports", [22])
    return own or ([said] if isinstance(said, int) else said)


def accepted(inventory: Inventory, host: str, direction: str, packet: tuple[str, str, str, int]) -> bool:
    """Whether a host's rules take a packet, as the firewall would."""
    source, destination, protocol, port = packet
    for rule in inventory.host_variables[host]["firewall_flow_rules"]:
        if rule["direction"] != direction or rule["protocol"] not in ("any", protocol):
            continue
        if "ports" in rule:
            bounds = [str(item).split("-") for item in rule["ports"]]
            if not any(int(pair[0]) <= port <= int(pair[-1]) for pair in bounds):
                continue
        if all(matches(rule, side, address) for side, address in (("source", source), ("destination", destination))):
            return True
    return False


def matches(rule: dict[str, Any], side: str, address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if f"{side}_except" in rule:
        return not any(ip in ipaddress.ip_network(text) for text in rule[f"{side}_except"])
    # A rule without this side means any address: of a gateway that speaks to outside from its uplink.
    return side not in rule or any(ip in ipaddress.ip_network(text) for text in rule[side])


def legs(host: dict[str, Any]) -> set[str]:
    return {host["segment"], *host.get("interfaces", {})}


def hops(model: dict[str, Any], source: str, destination: str) -> list[str]:
    """The gateways on the way from one host to another: each sends to where it has a leg, else to the next gateway."""
    hosts, segments = model["hosts"], model["segments"]

    def gateway_of(segment: str) -> str:
        named = segments[segment].get("gateway")
        return named or next(name for name in ("gw1", "gw2") if name in hosts and segment in legs(hosts[name]))

    way: list[str] = []
    at = source
    while not legs(hosts[at]) & legs(hosts[destination]):
        is_gateway = hosts[at]["kind"] == "gateway"
        nearer = gateway_of(hosts[destination]["segment"] if is_gateway else hosts[at]["segment"])
        if nearer == destination:
            break
        at = nearer
        way.append(at)
    return way


def passes(
    model: dict[str, Any], inventory: Inventory, ends: tuple[str, str], packet: tuple[str, str, str, int]
) -> bool:
    """Whether a packet gets from one host to another: out of it, through the gateways, into the other."""
    source, destination = ends
    return (
        accepted(inventory, source, "outbound", packet)
        and all(accepted(inventory, gateway, "forward", packet) for gateway in hops(model, source, destination))
        and accepted(inventory, destination, "inbound", packet)
    )


SSH = (22, 2200, 2222)
KINDS_OF_PACKET = (("tcp", 80), *(("tcp", port) for port in SSH), ("udp", 80), ("udp", 443), ("icmp", 0), ("icmpv6", 0))


def load(model: dict[str, Any]) -> Inventory:
    try:
        return inventory_of(load_site(json.dumps(model), "site.yml"))
    except SiteModelError:
        assume(False)
        raise


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_hosts_talk_exactly_when_the_model_says_so(model: dict[str, Any]) -> None:
    inventory = load(model)
    for source, destination in itertools.permutations(model["hosts"], 2):
        one, other = model["hosts"][source], model["hosts"][destination]
        for from_address, to_address in itertools.product(addresses_of(one), addresses_of(other)):
            if (":" in from_address) != (":" in to_address):
                continue
            for protocol, port in KINDS_OF_PACKET:
                if protocol == ("icmp" if ":" in from_address else "icmpv6"):
                    continue
                packet = (from_address, to_address, protocol, port)
                wanted = intended(model, packet)
                got = passes(model, inventory, (source, destination), packet)
                assert wanted or not got, (source, destination, packet)
                # A gateway's further legs belong to it, but not to what a flow says of their segments.
                main = from_address in (one.get("address"), one.get("address6")) and to_address in (
                    other.get("address"),
                    other.get("address6"),
                )
                seat = one["kind"] == "gateway" and protocol == "tcp" and port in SSH
                if wanted and main and not seat:
                    assert got, (source, destination, packet)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_every_rule_is_well_formed(model: dict[str, Any]) -> None:
    inventory = load(model)
    for host, variables in inventory.host_variables.items():
        seen = set()
        for rule in variables["firewall_flow_rules"]:
            assert (rule["direction"], rule["name"]) not in seen
            seen.add((rule["direction"], rule["name"]))
            assert rule["direction"] in ("inbound", "outbound", "forward")
            assert rule["direction"] != "forward" or "gw" in host
            families = []
            for side in ("source", "destination"):
                texts = rule.get(side, rule.get(f"{side}_except"))
                if side == "source" and texts is None:
                    # What a gateway itself sends outside leaves from its uplink, whose address the model does not know.
                    assert (rule["direction"], "gw" in host) == ("outbound", True), rule
                    continue
                assert texts, rule
                networks = [ipaddress.ip_network(text) for text in texts]
                families.append({network.version for network in networks})
                for one, other in itertools.combinations(networks, 2):
                    assert one.version != other.version or not one.overlaps(other)
            assert families[0] == families[-1], rule


STRANGER, STRANGER6 = "198.51.100.9", "2001:db8::9"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(models())
def test_the_internet_reaches_exactly_what_is_published(model: dict[str, Any]) -> None:
    """A stranger's packets to every address of every host, walked through the gateways that could take them."""
    inventory = load(model)
    packets = (*KINDS_OF_PACKET, ("tcp", 443), ("tcp", 1500), ("udp", 1500))
    for name, host in model["hosts"].items():
        services = [one for one in model["published"] if one["host"] == name]
        # A packet from outside comes in at any gateway; the last hop before a host is the gateway of its segment.
        last = [] if host["kind"] == "gateway" else [last_gateway(model, host["segment"])]
        for address, (protocol, port) in itertools.product(addresses_of(host), packets):
            if protocol == ("icmp" if ":" in address else "icmpv6"):
                continue
            packet = (STRANGER6 if ":" in address else STRANGER, address, protocol, port)
            wanted = any(offers(one, protocol, port) for one in services)
            got = accepted(inventory, name, "inbound", packet) and all(
                accepted(inventory, gateway, "forward", packet) for gateway in last
            )
            assert wanted == got, (name, packet)
    listed = inventory.site_variables["ringfence_published"]
    assert [(one["name"], one["host"]) for one in listed] == [(one["name"], one["host"]) for one in model["published"]]


def offers(service: dict[str, Any], protocol: str, port: int) -> bool:
    """Whether a published service takes a packet."""
    bounds = [str(item).split("-") for item in service.get("ports", ["0-65535"])]
    return service["protocol"] == protocol and any(int(pair[0]) <= port <= int(pair[-1]) for pair in bounds)


def last_gateway(model: dict[str, Any], segment: str) -> str:
    """The gateway that hands packets to a segment."""
    named = model["segments"][segment].get("gateway")
    return named or next(
        name for name in ("gw1", "gw2") if name in model["hosts"] and segment in legs(model["hosts"][name])
    )


def scalars() -> st.SearchStrategy[Any]:
    words = (
        "acme",
        "db1",
        "gw1",
        "internet",
        "",
        "10.1.10.11",
        "10.1.0.0/16",
        "fd01:10::/64",
        "tcp",
        "::",
        "a\nb",
        "é",
    )
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1, 70000),
        st.floats(allow_nan=False),
        st.sampled_from(words),
        st.just([]),
    ) | st.just({"a": [1]})


def paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        found += paths(entry, (*way, key))
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_loads_or_is_refused_with_lines_but_never_crashes(small_text: str, data: st.DataObject) -> None:
    model = yaml.safe_load(small_text)
    for _turn in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(paths(model)))
        place = model
        for step in way[:-1]:
            place = place[step]
        action = data.draw(st.sampled_from(("set", "delete", "rename")))
        if action == "set":
            place[way[-1]] = data.draw(scalars())
        elif isinstance(place, dict) and action == "rename":
            place[data.draw(scalars().filter(lambda key: not isinstance(key, (list, dict))))] = place.pop(way[-1])
        else:
            del place[way[-1]]
    for problem in problems_of(yaml.dump(model, Dumper=DUMPER)):
        assert problem.line


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
@example("a: [")
@example("{}")
def test_any_text_loads_or_is_refused(text: str) -> None:
    for problem in problems_of(text):
        assert problem.message


def problems_of(text: str) -> list[Problem]:
    """Why a text is refused; nothing when it loads. Anything but a refusal is a crash and fails the test."""
    try:
        inventory_of(load_site(text, "site.yml"))
    except SiteModelError as error:
        return error.problems or [Problem((), "")]
    return []
