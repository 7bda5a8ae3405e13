# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a picture shows: places (segments), the nodes in them, and who talks to whom between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .scope import Scope, scope_of

INTERNET = "internet"
EVERY_HOST = "*"
# More hosts of the same kinds in a segment become one node with their number.
SHOWN_ALONE = 3


@dataclass(frozen=True)
class Node:
    """Something with a box of its own: a host, hosts of a kind, a whole segment, the internet, an address outside.

    ``place`` is its segment, empty when it stands outside of all. ``members`` are the names of the hosts that it is.
    """

    id: str
    shape: str  # host | hosts | segment | internet | outside | every
    name: str
    place: str = ""
    kinds: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    scope: str = "other"


@dataclass(frozen=True)
class Line:
    """One numbered flow of the picture's table."""

    number: int
    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    service: str
    reason: str = ""
    owner: str = ""
    review_by: str = ""
    derived: bool = False


@dataclass
class Map:
    """All that there is to draw. ``arrows`` maps (from node, to node) to the lines between them."""

    segments: Mapping[str, Mapping[str, Any]]
    hosts: Mapping[str, Mapping[str, Any]]
    scope: Scope
    nodes: dict[str, Node] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    arrows: dict[tuple[str, str], list[Line]] = field(default_factory=dict)
    _node_of_host: dict[str, str] = field(default_factory=dict)

    def within(self, place: str) -> list[Node]:
        """The nodes of a segment."""
        return [node for node in self.nodes.values() if node.place == place]

    def node_of(self, end: str) -> Node:
        """The node of a flow's end; made where there is none yet."""
        if end in self._node_of_host:
            return self.nodes[self._node_of_host[end]]
        if end in self.segments:
            members = tuple(name for name, host in self.hosts.items() if host.get("segment") == end)
            mark = self.scope.of_segment(end)
            found = Node(f"all:{end}", "segment", end, place=end, members=members, scope=mark)
        elif end == EVERY_HOST:
            found = Node("every", "every", "every host")
        elif end == INTERNET:
            found = Node(INTERNET, "internet", "Internet")
        else:
            found = Node(f"outside:{end}", "outside", end)
        return self.nodes.setdefault(found.id, found)

    @property
    def gateways(self) -> list[Node]:
        """The hosts that route; they stand between the segments and not in one of them."""
        return [node for node in self.nodes.values() if node.shape == "host" and "gateway" in node.kinds]


def map_of(
    segments: Mapping[str, Mapping[str, Any]],
    flows: Iterable[Mapping[str, Any]],
    hosts: Mapping[str, Mapping[str, Any]],
    administration: Mapping[str, Any] | None = None,
) -> Map:
    """Everything to draw. The parameters are ringfence_segments, ringfence_flows, ringfence_host by host, and
    ringfence_administration."""
    listed = list(flows)
    if administration:
        listed.append(_as_flow(administration, hosts))
    found = Map(segments, hosts, scope_of(segments, listed, hosts, every=EVERY_HOST))
    for node, names in _host_nodes(hosts, found.scope):
        found.nodes[node.id] = node
        for name in names:
            found._node_of_host[name] = node.id
    for number, flow in enumerate(listed, 1):
        line = _line(number, flow)
        found.lines.append(line)
        for source in dict.fromkeys(found.node_of(end).id for end in flow["from"]):
            for target in dict.fromkeys(found.node_of(end).id for end in flow["to"]):
                found.arrows.setdefault((source, target), []).append(line)
    return found


def service_of(flow: Mapping[str, Any]) -> str:
    """Protocol and ports as people write them: ``tcp 587, 993``."""
    ports = ", ".join(str(port) for port in flow.get("ports") or ())
    return f"{flow['protocol']} {ports}".strip()


def _as_flow(administration: Mapping[str, Any], hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ports = {int(port) for host in hosts.values() for port in host.get("ssh_ports", ())}
    return {
        "name": "administration-ssh",
        "from": list(administration["sources"]),
        "to": [EVERY_HOST],
        "protocol": "tcp",
        "ports": sorted(ports) or list(administration.get("ports") or (22,)),
        "review_by": administration.get("review_by"),
        "reason": administration.get("reason", ""),
        "owner": administration.get("owner", ""),
        "derived": True,
    }


def _line(number: int, flow: Mapping[str, Any]) -> Line:
    def ends(key: str) -> tuple[str, ...]:
        return tuple("every host" if end == EVERY_HOST else str(end) for end in flow[key])

    return Line(
        number=number,
        name=str(flow["name"]),
        sources=ends("from"),
        targets=ends("to"),
        service=service_of(flow),
        reason=str(flow.get("reason") or ""),
        owner=str(flow.get("owner") or ""),
        review_by=str(flow.get("review_by") or ""),
        derived=bool(flow.get("derived")),
    )


def _host_nodes(hosts: Mapping[str, Mapping[str, Any]], scope: Scope) -> Iterable[tuple[Node, list[str]]]:
    """Hosts alone, or those of the same kinds, segment and scope together where they are many."""
    alike: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for name, host in hosts.items():
        key = (str(host.get("segment", "")), tuple(host.get("kinds", ())), scope.of_host(name))
        alike.setdefault(key, []).append(name)
    for (segment, kinds, mark), names in sorted(alike.items()):
        routes = "gateway" in kinds
        place = "" if routes else segment
        if len(names) <= SHOWN_ALONE or routes:
            for name in sorted(names):
                addresses = tuple(_addresses(hosts[name], segment))
                yield Node(f"host:{name}", "host", name, place, kinds, addresses, (name,), mark), [name]
            continue
        shown = f"{len(names):,} x {' + '.join(kind.replace('_', ' ') for kind in kinds) or 'host'}"
        members = tuple(sorted(names))
        node = Node(f"hosts:{segment}:{'+'.join(kinds)}:{mark}", "hosts", shown, place, kinds, (), members, mark)
        yield node, names


def _addresses(host: Mapping[str, Any], segment: str) -> Iterable[str]:
    for leg in host.get("interfaces", ()):
        if leg["segment"] == segment:
            yield from (str(address) for address in leg["addresses"])
