# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network as DOT: the internet, the gateways, and below them every segment with its hosts."""

from __future__ import annotations

from .dot import FAINT, attributes, cluster, head, node_line, quoted
from .map import Map

NAME = "network"
SEGMENTS_A_ROW = 5
HOSTS_A_COLUMN = 4


def dot_of(drawn: Map) -> str:
    """The DOT text of a site's network."""
    lines = head(NAME, rankdir="TB", nodesep=0.25, ranksep=0.45, compound="true")
    outside = [node for node in drawn.nodes.values() if node.shape in ("internet", "outside")]
    for node in [*outside, *drawn.gateways]:
        lines.append(f"  {node_line(NAME, node)}")
    anchors: dict[str, str] = {}
    for segment in drawn.segments:
        nodes = [node for node in drawn.within(segment) if node.shape in ("host", "hosts")]
        statements = [node_line(NAME, node) for node in nodes]
        if not nodes:
            statements.append(f"{quoted(f'none:{segment}')} {_plain('no hosts of its own')}")
        columns = [nodes[at : at + HOSTS_A_COLUMN] for at in range(0, len(nodes), HOSTS_A_COLUMN)]
        for column in columns:
            statements += [
                f"{quoted(upper.id)} -> {quoted(lower.id)} [style=invis]"
                for upper, lower in zip(column, column[1:])  # Python 3.9 has no strict
            ]
        anchors[segment] = nodes[0].id if nodes else f"none:{segment}"
        lines += cluster(NAME, drawn, segment, statements)
    lines += _links(drawn, anchors)
    for gateway in drawn.gateways:
        for node in outside:
            lines.append(f"  {quoted(node.id)} -> {quoted(gateway.id)} {attributes(_line('dashed'))}")
    return "\n".join([*lines, "}", ""])


def _links(drawn: Map, anchors: dict[str, str]) -> list[str]:
    """A line from every gateway to every segment that it has a leg in, with its addresses there."""
    lines, at = [], {segment: position for position, segment in enumerate(drawn.segments)}
    for gateway in drawn.gateways:
        for leg in drawn.hosts[gateway.name].get("interfaces", ()):
            segment = leg["segment"]
            if segment not in anchors:
                continue
            shown = {
                **_line("solid"),
                "lhead": f"cluster_{segment}",
                "label": "\n".join(str(address) for address in leg["addresses"]),
                # Long rows make a picture that no sheet of paper holds.
                "minlen": 1 + at[segment] // SEGMENTS_A_ROW * (HOSTS_A_COLUMN + 1),
            }
            lines.append(f"  {quoted(gateway.id)} -> {quoted(anchors[segment])} {attributes(shown)}")
    return lines


def _line(style: str) -> dict[str, str | float]:
    return {"dir": "none", "style": style, "color": FAINT, "penwidth": 1.3}


def _plain(text: str) -> str:
    return attributes({"shape": "plaintext", "style": "", "label": text, "fontcolor": FAINT})
