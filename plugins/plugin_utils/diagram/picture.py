# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call for a picture of a site, for reports and for the module site_diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import data_flow, graphviz, network
from .map import Line, Map, Node, map_of
from .scope import WORDS
from .svg import Column, finish

TITLES = {network.NAME: "Network", data_flow.NAME: "Data flows"}
VIEWS = tuple(TITLES)
_COLUMNS = (
    Column("No.", 0.35),
    Column("Flow", 1.7),
    Column("From", 1.5),
    Column("To", 1.5),
    Column("Service", 1.1),
    Column("Reason", 2.4),
    Column("Owner", 1.7),
    Column("Review by", 0.75),
)


def render(
    site: Mapping[str, Any],
    segments: Mapping[str, Mapping[str, Any]],
    flows: Iterable[Mapping[str, Any]],
    hosts: Mapping[str, Mapping[str, Any]],
    *,
    view: str = network.NAME,
    administration: Mapping[str, Any] | None = None,
    draw: Callable[[str], str] = graphviz.draw,
) -> str:
    """The SVG text of a site.

    :param site: ringfence_site.
    :param segments: ringfence_segments.
    :param flows: ringfence_flows.
    :param hosts: ringfence_host of every host, by name.
    :param view: ``network`` or ``data-flow``.
    :param administration: ringfence_administration; without it the picture has no flow for ssh.
    :raises graphviz.DrawingError: where the program dot is missing or fails.
    """
    drawn = map_of(segments, flows, hosts, administration)
    title = f"{TITLES[view]}: {site.get('title') or site.get('name') or 'site'}"
    if view == network.NAME:
        return finish(
            draw(network.dot_of(drawn)),
            name=f"ringfence-{view}",
            title=title,
            description=_network_words(drawn),
            words=_words(view, drawn),
        )
    arrows = {data_flow.arrow_id(at): _arrow_words(drawn, at - 1) for at in range(1, len(drawn.arrows) + 1)}
    return finish(
        draw(data_flow.dot_of(drawn)),
        name=f"ringfence-{view}",
        title=title,
        description=_flow_words(drawn),
        words={**_words(view, drawn), **arrows},
        columns=_COLUMNS,
        rows=[_row(line) for line in drawn.lines],
        least_width=1000.0,
    )


def _row(line: Line) -> list[str]:
    name = f"{line.name} (derived)" if line.derived else line.name
    ends = (", ".join(line.sources), ", ".join(line.targets))
    return [str(line.number), name, *ends, line.service, line.reason, line.owner, line.review_by]


def _words(view: str, drawn: Map) -> dict[str, str]:
    """What every node and segment is, for readers of screens and for whoever points at it."""
    said = {f"ringfence-{view}-{node.id}": _node_words(node) for node in drawn.nodes.values()}
    for name in drawn.segments:
        said[f"ringfence-{view}-segment:{name}"] = _segment_words(drawn, name)
    return said


def _node_words(node: Node) -> str:
    if node.shape == "host":
        return f"{node.name}: {', '.join((*node.kinds, *node.addresses))}; {WORDS[node.scope]}"
    if node.shape == "hosts":
        return f"{node.name}: {node.members[0]} to {node.members[-1]}; {WORDS[node.scope]}"
    return f"all of {node.name}" if node.shape == "segment" else node.name


def _segment_words(drawn: Map, name: str) -> str:
    about = drawn.segments[name]
    subnets = ", ".join(str(subnet) for subnet in about.get("subnets", ()))
    kind = str(about.get("class", "")).replace("_", " ")
    return f"{name}: VLAN {about.get('vlan')}, class {kind}, {subnets}; {WORDS[drawn.scope.of_segment(name)]}"


def _arrow_words(drawn: Map, at: int) -> str:
    (source, target), lines = list(drawn.arrows.items())[at]
    said = "; ".join(f"{line.number} {line.name}, {line.service}" for line in lines)
    return f"{drawn.nodes[source].name} to {drawn.nodes[target].name}: {said}"


def _network_words(drawn: Map) -> str:
    parts = [f"{len(drawn.segments)} segments and {len(drawn.hosts)} hosts."]
    parts += [f"{_segment_words(drawn, name)}." for name in drawn.segments]
    parts += [f"Gateway {node.name} joins {_legs(drawn, node)}." for node in drawn.gateways]
    return " ".join(parts)


def _legs(drawn: Map, node: Node) -> str:
    return ", ".join(str(leg["segment"]) for leg in drawn.hosts[node.name].get("interfaces", ()))


def _flow_words(drawn: Map) -> str:
    said = [
        f"{line.number}: from {', '.join(line.sources)} to {', '.join(line.targets)}, {line.service}."
        for line in drawn.lines
    ]
    return " ".join([f"{len(drawn.lines)} flows; all else is dropped.", *said])
