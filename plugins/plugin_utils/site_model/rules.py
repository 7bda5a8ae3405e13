# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives the firewall rules of every host from the flows and the administration of a site.

The shape of a rule is the contract with the role firewall:

    name, direction (inbound | outbound | forward), source, source_except, destination, destination_except (lists of
    addresses and subnets as text; absent: any, or none), protocol, ports (tcp and udp only), reason, owner, and change,
    review_by and mitigation where the flow has them

Rules that are the same for all hosts of a segment are one object, shared between their lists: treat them as read-only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .addresses import NOT_INTERNET, text_of, without_covered
from .flows import ADMINISTRATION_RULE, endpoint_of
from .model import Endpoint, Flow, Network, Site
from .ways import forwarded

Rule = dict[str, Any]

_FAMILY_OF_PROTOCOL = {"icmp": frozenset((4,)), "icmpv6": frozenset((6,))}
_BOTH = frozenset((4, 6))


@dataclass(frozen=True)
class _Part:
    """Some endpoints that go into one rule together: all of them addresses, or the internet alone."""

    endpoints: tuple[Endpoint, ...]
    internet: bool


class RuleBook:
    """The rules of every host of a site. Make one, then ask :meth:`rules_of`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rules: dict[str, list[Rule]] = {name: [] for name in site.hosts}
        self._segments = {
            name: Endpoint("segment", name, frozenset((name,)), segment.networks)
            for name, segment in site.segments.items()
        }
        self._members: dict[str, list[str]] = {name: [] for name in site.segments}
        for host in site.hosts.values():
            self._members[host.segment].append(host.name)
        site_networks = [network for segment in site.segments.values() for network in segment.networks]
        self._site_families = frozenset(network.version for network in site_networks)
        self._not_internet = without_covered((*NOT_INTERNET, *site_networks))
        self._texts: dict[tuple[tuple[str, ...], frozenset[int]], list[str]] = {}
        self._administration()
        for flow in (*site.flows, *site.published, *site.derived_flows):
            self._flow(flow)

    def rules_of(self, host: str) -> list[Rule]:
        """The rules of a host: administration, flows as written, what is published, what follows from the rest."""
        return self._rules[host]

    # --- flows -------------------------------------------------------------------------------------------------

    def _flow(self, flow: Flow) -> None:
        self._at_hosts(flow, "outbound", flow.sources, flow.destinations)
        self._at_hosts(flow, "inbound", flow.destinations, flow.sources)
        self._at_gateways(flow, flow.sources, flow.destinations)

    def _at_hosts(
        self, flow: Flow, direction: str, here: Iterable[Endpoint], there: tuple[Endpoint, ...], but: str = ""
    ) -> None:
        """Rules on the hosts of one side. ``but``: hosts of this kind get none."""
        far_hosts = {endpoint.name for endpoint in there if endpoint.kind == "host"}
        own = {endpoint.name: endpoint for endpoint in here if endpoint.kind == "host"}
        for host, endpoint in own.items():
            if but not in self._site.hosts[host].kinds:
                self._add(host, flow, direction, (endpoint,), _without(there, host))
        for endpoint in here:
            if endpoint.kind != "segment":
                continue
            shared = self._rules_for(flow, direction, (endpoint,), there)
            for host in self._members[endpoint.name]:
                if host in own or but in self._site.hosts[host].kinds:
                    continue
                if host in far_hosts:
                    self._add(host, flow, direction, (endpoint,), _without(there, host))
                else:
                    self._rules[host] += shared

    def _at_gateways(self, flow: Flow, sources: Iterable[Endpoint], destinations: Iterable[Endpoint]) -> None:
        made: dict[str, list[Rule]] = {}
        for gateway, from_endpoints, to_endpoints in forwarded(sources, destinations, self._site.segments):
            made.setdefault(gateway, []).extend(self._rules_between(flow, "forward", from_endpoints, to_endpoints))
        for gateway, rules in made.items():
            self._rules[gateway] += _numbered(rules)

    # --- administration ----------------------------------------------------------------------------------------

    def _administration(self) -> None:
        """ssh from where administrators sit: into every host, out of their own machines, through the gateways.

        Every host opens its own ports only. Where a host's differ from the site's, the way there is a rule of its own.
        """
        about = self._site.administration
        segments = tuple(self._segments.values())
        flow = self._ssh(about.ports, segments)
        ways = [flow]
        apart: dict[int, list[Endpoint]] = {}
        for host in self._site.hosts.values():
            if host.ssh_port is not None:
                apart.setdefault(host.ssh_port, []).append(endpoint_of(host))
        for port, ends in sorted(apart.items()):
            ways.append(self._ssh((port,), tuple(ends), f"{ADMINISTRATION_RULE}__p{port}"))
        for way in ways:
            # A gateway with a leg in the administrators' segment is not an administrator's seat.
            self._at_hosts(way, "outbound", way.sources, way.destinations, but="gateway")
        named = {endpoint.name for endpoint in flow.sources if endpoint.kind == "host"}
        shared: dict[tuple[str, tuple[int, ...]], list[Rule]] = {}
        for host in self._site.hosts.values():
            ports = self._site.ssh_ports(host)
            own = flow if ports == about.ports else self._ssh(ports, segments)
            sources = about.sources + tuple(end for end in about.local_sources if not end.places.isdisjoint(host.legs))
            if host.is_gateway or host.name in named:
                self._add(host.name, own, "inbound", (endpoint_of(host),), _without(sources, host.name))
                continue
            if (host.segment, ports) not in shared:
                here = (self._segments[host.segment],)
                shared[host.segment, ports] = self._rules_for(own, "inbound", here, sources)
            self._rules[host.name] += shared[host.segment, ports]
        for way in ways:
            self._at_gateways(way, way.sources, way.destinations)

    def _ssh(self, ports: tuple[int, ...], destinations: tuple[Endpoint, ...], name: str = ADMINISTRATION_RULE) -> Flow:
        about = self._site.administration
        return Flow(
            name=name,
            sources=about.sources,
            destinations=destinations,
            protocol="tcp",
            ports=ports,
            reason=about.reason,
            owner=about.owner,
            review_by=about.review_by,
        )

    # --- rules -------------------------------------------------------------------------------------------------

    def _add(
        self, host: str, flow: Flow, direction: str, here: tuple[Endpoint, ...], there: tuple[Endpoint, ...]
    ) -> None:
        self._rules[host] += self._rules_for(flow, direction, here, there)

    def _rules_for(
        self, flow: Flow, direction: str, here: tuple[Endpoint, ...], there: tuple[Endpoint, ...]
    ) -> list[Rule]:
        """The rules of one host: ``here`` is its own side, ``there`` the other."""
        sources, destinations = (there, here) if direction == "inbound" else (here, there)
        return _numbered(self._rules_between(flow, direction, sources, destinations))

    def _rules_between(
        self, flow: Flow, direction: str, sources: Iterable[Endpoint], destinations: Iterable[Endpoint]
    ) -> list[Rule]:
        rules = []
        for source in _parts(sources):
            for destination in _parts(destinations):
                rule = self._rule(flow, direction, source, destination)
                if rule is not None:
                    rules.append(rule)
        return rules

    def _rule(self, flow: Flow, direction: str, source: _Part, destination: _Part) -> Rule | None:
        """One rule, or None when no packet could match it: the sides share no IP version, or both are the internet."""
        if source.internet and destination.internet:
            return None
        families = self._families(source) & self._families(destination)
        families &= _FAMILY_OF_PROTOCOL.get(flow.protocol, _BOTH)
        if not families:
            return None
        rule: Rule = {"name": flow.name, "direction": direction}
        if not (direction == "outbound" and _by_uplink(source, destination)):
            rule["source_except" if source.internet else "source"] = self._list(source, families)
        rule["destination_except" if destination.internet else "destination"] = self._list(destination, families)
        rule["protocol"] = flow.protocol
        if flow.ports:
            rule["ports"] = list(flow.ports)
        rule["reason"], rule["owner"] = flow.reason, flow.owner
        if flow.change is not None:
            rule["change"] = flow.change
        if flow.review_by is not None:
            rule["review_by"] = flow.review_by
        if flow.mitigation is not None:
            rule["mitigation"] = flow.mitigation
        return rule

    def _families(self, part: _Part) -> frozenset[int]:
        if part.internet:
            return self._site_families
        return frozenset(network.version for endpoint in part.endpoints for network in endpoint.networks)

    def _list(self, part: _Part, families: frozenset[int]) -> list[str]:
        """The addresses of a part as text, those of the given IP versions; the internet gives what it is not."""
        key = (tuple(f"{endpoint.name} {endpoint.leg}" for endpoint in part.endpoints), families)
        texts = self._texts.get(key)
        if texts is None:
            networks: list[Network] = self._not_internet
            if not part.internet:
                networks = without_covered(network for end in part.endpoints for network in end.networks)
            texts = self._texts[key] = [text_of(network) for network in networks if network.version in families]
        return texts


def _parts(endpoints: Iterable[Endpoint]) -> list[_Part]:
    """Addresses in one part, the internet in another: a rule can't hold both in one list."""
    every = tuple(endpoints)
    addresses = tuple(endpoint for endpoint in every if endpoint.kind != "internet")
    parts = [_Part(addresses, internet=False)] if addresses else []
    if len(addresses) < len(every):
        parts.append(_Part(tuple(endpoint for endpoint in every if endpoint.kind == "internet"), internet=True))
    return parts


def _by_uplink(source: _Part, destination: _Part) -> bool:
    """Whether a gateway itself speaks to outside: it does from its uplink, whose address is none of the model's."""
    if source.internet or not all(endpoint.is_gateway for endpoint in source.endpoints):
        return False
    return all(endpoint.outside for endpoint in destination.endpoints)


def _without(endpoints: tuple[Endpoint, ...], host: str) -> tuple[Endpoint, ...]:
    """The endpoints but for a host itself: what it sends to itself never meets these rules."""
    return tuple(endpoint for endpoint in endpoints if not (endpoint.kind == "host" and endpoint.name == host))


def _numbered(rules: list[Rule]) -> list[Rule]:
    """Gives the second rule of a flow the ending __2 and so on: names are unique per host and direction."""
    for number, rule in enumerate(rules[1:], start=2):
        rule["name"] = f"{rule['name']}__{number}"
    return rules
