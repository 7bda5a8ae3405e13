# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data flows as DOT: who talks to whom, by the numbers of the table below the picture."""

from __future__ import annotations

from .dot import FAINT, LOOKS, attributes, cluster, head, hosts_in_words, node_line, quoted
from .map import Line, Map
from .scope import CARD_DATA

NAME = "data-flow"
INTERNET_LINE = "#31527f"


def dot_of(drawn: Map) -> str:
    """The DOT text of a site's data flows."""
    lines = head(NAME, rankdir="LR", nodesep=0.3, ranksep=1.1, labeljust="l")
    ends = {end for arrow in drawn.arrows for end in arrow}
    for node in drawn.nodes.values():
        if not node.place and (node.id in ends or node.shape == "host"):
            lines.append(f"  {node_line(NAME, node)}")
    for segment in drawn.segments:
        inside = drawn.within(segment)
        shown = [node for node in inside if node.id in ends]
        statements = [node_line(NAME, node) for node in shown]
        silent = [node for node in inside if node.id not in ends]
        number = sum(len(node.members) for node in silent)
        # A whole segment says itself how many hosts it has.
        if not any(node.shape == "segment" for node in shown) and (silent or not shown):
            text = f"{hosts_in_words(number)} without a flow" if number else "no hosts, no flows"
            label: dict[str, str | float] = {
                "shape": "plaintext",
                "style": "",
                "label": text,
                "fontcolor": FAINT,
                "fontsize": 9,
            }
            statements.append(f"{quoted(f'silent:{segment}')} {attributes(label)}")
        lines += cluster(NAME, drawn, segment, statements)
    for at, ((source, target), flows) in enumerate(drawn.arrows.items(), 1):
        lines.append(f"  {quoted(source)} -> {quoted(target)} {attributes(_arrow(drawn, at, source, target, flows))}")
    return "\n".join([*lines, "}", ""])


def arrow_id(at: int) -> str:
    """The id of the arrow with this position among the map's arrows, counted from 1."""
    return f"ringfence-{NAME}-arrow:{at}"


def _arrow(drawn: Map, at: int, source: str, target: str, flows: list[Line]) -> dict[str, str | float]:
    label = "\n".join(f"{one.number}: {one.service}" for one in flows)
    shown: dict[str, str | float] = {"id": arrow_id(at), "label": label}
    ends = (drawn.nodes[source], drawn.nodes[target])
    if any(node.scope == CARD_DATA or (node.shape == "every" and drawn.scope.card_hosts) for node in ends):
        shown |= {"color": LOOKS[CARD_DATA].line, "fontcolor": LOOKS[CARD_DATA].line, "penwidth": 2}
    elif any(node.shape in ("internet", "outside") for node in ends):
        shown |= {"color": INTERNET_LINE, "fontcolor": INTERNET_LINE, "penwidth": 1.4}
    if all(one.derived for one in flows):
        shown["style"] = "dashed"
    return shown
