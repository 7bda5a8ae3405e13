# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows and administration: their endpoints looked up, what could never work or must never be refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.risky_services import demand

from .addresses import SubnetIndex, text_of, whole
from .model import OUTSIDE, Address, Client, Endpoint, Flow, Host, Network, Segment
from .problems import Path, Problems, did_you_mean, path_text
from .schema import INTERNET

_FAMILY_OF_PROTOCOL = {"icmp": 4, "icmpv6": 6}
ADMINISTRATION_RULE = "administration-ssh"
WEB_FILTER_PREFIX = "web-filter-"


class EndpointReader:
    """Finds what the names in ``from``, ``to`` and ``sources`` stand for."""

    def __init__(
        self,
        segments: Mapping[str, Segment],
        clients: Mapping[str, Client],
        hosts: Mapping[str, Host],
        *,
        index: SubnetIndex,
        owner: Callable[[Address], str | None],
        known: Iterable[str],
        problems: Problems,
    ) -> None:
        """``known``: every name in the file, so that one whose own entry is wrong is not called unknown as well."""
        self._index = index
        self._owner = owner
        self._known = set(known)
        self._problems = problems
        self._hosts = hosts
        self._by_name: dict[str, Endpoint] = {
            INTERNET: Endpoint("internet", INTERNET, frozenset((OUTSIDE,))),
        }
        for segment in segments.values():
            place = frozenset((segment.name,))
            self._by_name[segment.name] = Endpoint("segment", segment.name, place, segment.networks)
        for client in clients.values():
            self._by_name[client.name] = self._by_name[client.segment]

    def read(self, texts: Iterable[str], path: Path, inside: bool = False) -> tuple[Endpoint, ...] | None:
        """The endpoints of a list; None when one of them is wrong. ``inside``: addresses in a segment are welcome."""
        found: dict[tuple[str, str], Endpoint] = {}
        complete = True
        for position, text in enumerate(texts):
            endpoint = self._one(text, (*path, position), inside)
            if endpoint is None:
                complete = False
            else:
                found[endpoint.kind, endpoint.name] = endpoint
        return tuple(found.values()) if complete else None

    def _one(self, text: str, path: Path, inside: bool) -> Endpoint | None:
        if text in self._hosts and text not in self._by_name:
            self._by_name[text] = endpoint_of(self._hosts[text])
        if text in self._by_name or text in self._known:
            return self._by_name.get(text)
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            self._problems.add(path, self._unknown(text))
            return None
        if network.prefixlen == 0:
            self._problems.add(path, f"{text} is every address there is; write {INTERNET} or narrower addresses")
            return None
        return self._addresses(network, path, inside)

    def _addresses(self, network: Network, path: Path, inside: bool) -> Endpoint | None:
        """The endpoint of addresses that have no name in the model."""
        segment = self._index.overlapping(network)
        if segment is None:
            return Endpoint("address", str(network), frozenset((OUTSIDE,)), (network,))
        owner = self._owner(network.network_address) if network.prefixlen == network.max_prefixlen else None
        if owner is not None:
            self._problems.add(path, f"{text_of(network)} is host {owner}: write its name")
            return None
        ends = self._index.segment_of(network.network_address), self._index.segment_of(network.broadcast_address)
        if inside and ends == (segment, segment):
            return Endpoint("address", str(network), frozenset((segment,)), (network,))
        self._problems.add(
            path,
            f"{text_of(network)} lies in segment {segment}: write the segment's name, or describe the machine as a "
            "host and write the host's",
        )
        return None

    def _unknown(self, text: str) -> str:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            names = sorted(self._known)
            valid = ", ".join(names) if len(names) <= 20 else "one of its names"
            return (
                f"{text!r} is no host, segment or client of this site, nor {INTERNET} or an address. Valid: "
                f"{valid}, {INTERNET}, an address or subnet outside the site.{did_you_mean(text, self._known)}"
            )
        return f"{text!r} is no subnet, did you mean {network}?"


def endpoint_of(host: Host) -> Endpoint:
    """A host as one side of a flow."""
    networks = tuple(whole(address) for address in host.addresses)
    return Endpoint("host", host.name, frozenset(host.legs), networks, host.is_gateway)


class FlowBuilder:
    """Builds the flows of one model."""

    def __init__(
        self,
        endpoints: EndpointReader,
        segments: Mapping[str, Segment],
        hosts: Mapping[str, Host],
        problems: Problems,
        filtered: Mapping[str, Client] = MappingProxyType({}),
    ) -> None:
        """``filtered``: the clients with a list of sites, by segment."""
        self._endpoints = endpoints
        self._filtered = filtered
        self._problems = problems
        self._segments = segments
        self._hosts = hosts
        self._has_gateways = any(segment.gateway for segment in segments.values())
        self._names: dict[str, Path] = {}

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[Flow, ...]:
        """The flows that are right; what is wrong with the others has been noted."""
        flows = []
        for position, record in rows:
            flow = self._flow(record, ("flows", position))
            if flow is not None:
                flows.append(flow)
        return tuple(flows)

    def _flow(self, record: Mapping[str, Any], path: Path) -> Flow | None:
        for position, text in enumerate(record.get("from", ())):
            if text == INTERNET:
                message = f"what {INTERNET} reaches stands under published, one service a row, and in no flow"
                self._problems.add((*path, "from", position), message)
        sources = self._endpoints.read(record.get("from", ()), (*path, "from"))
        destinations = self._endpoints.read(record.get("to", ()), (*path, "to"))
        return self.make(record, path, sources or (), destinations or ())

    def make(
        self,
        record: Mapping[str, Any],
        path: Path,
        sources: tuple[Endpoint, ...],
        destinations: tuple[Endpoint, ...],
        to: str = "to",
    ) -> Flow | None:
        """The flow of a record whose ends are known; None without ends. ``to``: the key that names who answers."""
        self._check_name(record.get("name"), (*path, "name"))
        self._check_ports(record, path)
        self._check_mitigation(record, path)
        if not sources or not destinations or "protocol" not in record:
            return None
        self._check_sides(sources, destinations, path)
        self._check_ways_round(sources, destinations, path)
        self._check_families(sources, destinations, record["protocol"], path, to)
        self._check_way(sources, destinations, path, to)
        return Flow(
            name=record.get("name", ""),
            sources=sources,
            destinations=destinations,
            protocol=record["protocol"],
            ports=tuple(record.get("ports", ())),
            reason=record.get("reason", ""),
            owner=record.get("owner", ""),
            change=record.get("change"),
            review_by=record.get("review_by"),
            mitigation=record.get("mitigation"),
        )

    def _check_name(self, name: str | None, path: Path) -> None:
        if name is None:
            return
        if name == ADMINISTRATION_RULE:
            self._problems.add(path, f"{name} is the name of the rules that administration gives; choose another")
        if name.startswith(WEB_FILTER_PREFIX):
            self._problems.add(path, f"names with {WEB_FILTER_PREFIX} are those of the rules that sites_allowed gives")
        first = self._names.setdefault(name, path)
        if first is not path:
            self._problems.add(path, f"the name {name} is already {path_text(first)}; a flow's name is its own")

    def _check_ports(self, record: Mapping[str, Any], path: Path) -> None:
        protocol, ports = record.get("protocol"), record.get("ports")
        if protocol in ("tcp", "udp"):
            if "ports" not in record and not self._problems.noted((*path, "ports")):
                self._problems.add((*path, "ports"), f"this key is missing; {protocol} needs the ports it may use")
        elif protocol is not None and "ports" in record:
            self._problems.add(
                (*path, "ports"), f"{protocol} has no ports; they belong to tcp and udp only", at_key=True
            )
        last, before = 0, ""
        for first, end, text in sorted(port_bounds(port) for port in ports or ()):
            if first <= last:
                self._problems.add((*path, "ports"), f"{text} is in {before} already; ports must not overlap")
            if end > last:
                last, before = end, text

    def _check_mitigation(self, record: Mapping[str, Any], path: Path) -> None:
        """Refuse a risky service that nobody says how to use safely."""
        if "mitigation" in record or self._problems.noted((*path, "mitigation")):
            return
        why = demand(record.get("protocol", ""), [port_bounds(port)[:2] for port in record.get("ports", ())])
        if why:
            self._problems.add((*path, "mitigation"), f"this key is missing; {why}")

    def _check_sides(self, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], path: Path) -> None:
        if len(sources) == len(destinations) == 1 and sources == destinations and sources[0].kind != "segment":
            self._problems.add((*path, "to"), f"the flow goes from {sources[0].name} to itself")
            return
        for key, side, other in (("from", sources, destinations), ("to", destinations, sources)):
            if all(endpoint.outside for endpoint in other) and any(endpoint.outside for endpoint in side):
                self._problems.add((*path, key), "neither end of this flow is in the site")
                return
        for side, other in ((sources, destinations), (destinations, sources)):
            if any(endpoint.kind == "internet" for endpoint in side):
                for endpoint in other:
                    if self._holds_card_data(endpoint):
                        message = f"{endpoint.name} has class card_data: there is no flow between it and the internet"
                        self._problems.add(path, message)

    def _check_ways_round(self, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], path: Path) -> None:
        """Refuse a flow by which workstations of a client with a list of sites would get to everything else."""
        if not any(endpoint.kind == "internet" for endpoint in destinations):
            return
        for endpoint in sources:
            for client in (self._filtered[place] for place in endpoint.places if place in self._filtered):
                if not endpoint.is_gateway:
                    message = (
                        f"{endpoint.name} is of client {client.name}, whose sites_allowed would be of no use: name the "
                        "addresses that are meant"
                    )
                    self._problems.add((*path, "to"), message)

    def _holds_card_data(self, endpoint: Endpoint) -> bool:
        host = self._hosts.get(endpoint.name) if endpoint.kind == "host" else None
        if host is not None:
            return "card_data" in (host.trust_class, self._segments[host.segment].trust_class)
        return any(self._segments[place].trust_class == "card_data" for place in endpoint.places if place)

    def _check_families(
        self, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], protocol: str, path: Path, to: str
    ) -> None:
        """Refuse ends that share no IP version with the other side: no packet of theirs could ever pass."""
        only = _FAMILY_OF_PROTOCOL.get(protocol)
        allowed = frozenset((4, 6)) if only is None else frozenset((only,))
        for key, side, other in (("from", sources, destinations), (to, destinations, sources)):
            across = allowed & frozenset(family for endpoint in other for family in endpoint.families)
            for endpoint in side:
                if not endpoint.families & across:
                    wanted = " or ".join(f"IPv{family}" for family in sorted(across or allowed))
                    self._problems.add(
                        (*path, key), f"{endpoint.name} has no address that {protocol} could use here ({wanted})"
                    )

    def _check_way(
        self, sources: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...], path: Path, to: str
    ) -> None:
        """Refuse ends in a segment that no gateway serves, when the other side is elsewhere."""
        if not self._has_gateways:
            return  # the site has no gateway of ours: someone else routes
        for key, side, other in (("from", sources, destinations), (to, destinations, sources)):
            elsewhere: set[str] = set().union(*(endpoint.places for endpoint in other))
            for endpoint in side:
                if endpoint.is_gateway or endpoint.outside or elsewhere <= endpoint.places:
                    continue
                stuck = [place for place in endpoint.places if self._segments[place].gateway is None]
                if stuck:
                    self._problems.add(
                        (*path, key),
                        f"no gateway serves segment {stuck[0]}: give a host of kind gateway an interface in it",
                    )


def port_bounds(port: Any) -> tuple[int, int, str]:
    """(first, last, text) of a port or range."""
    first, _dash, last = str(port).partition("-")
    return int(first), int(last or first), str(port)
