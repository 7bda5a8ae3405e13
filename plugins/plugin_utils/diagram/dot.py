# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DOT: quoting, and how things look. Colours never stand alone: what they say is there in words too, for print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .map import Map, Node
from .scope import CARD_DATA, CONNECTED, OTHER, WORDS

FONT = "Helvetica,Arial,sans-serif"
INK, FAINT = "#1d2733", "#5b6776"
_NODE: dict[str, str | float] = {
    "fontname": FONT,
    "fontsize": 10,
    "fontcolor": INK,
    "style": "filled,rounded",
    "shape": "box",
    "fillcolor": "#ffffff",
    "margin": "0.1,0.05",
}
_EDGE: dict[str, str | float] = {
    "fontname": FONT,
    "fontsize": 9,
    "fontcolor": INK,
    "color": FAINT,
    "arrowsize": 0.7,
}


class Look:
    """The colours of a scope: line, background, and the line's width."""

    def __init__(self, line: str, fill: str, width: float) -> None:
        self.line, self.fill, self.width = line, fill, width


LOOKS = {
    CARD_DATA: Look("#a3171f", "#fdecec", 2.4),
    CONNECTED: Look("#a65a00", "#fff5e3", 1.6),
    OTHER: Look("#7c8898", "#f5f7f9", 1.0),
}

_NOT_IN_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Text without the characters that no XML may hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def quoted(text: str) -> str:
    """A DOT string that means this text and nothing else."""
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def escaped(text: str) -> str:
    """Text within an HTML-like label."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def attributes(values: Mapping[str, str | float]) -> str:
    """``[a="1", b="2"]``; a value that starts with ``<`` is an HTML-like label as it stands."""
    shown = (
        f"{name}={value if isinstance(value, str) and value.startswith('<') else quoted(str(value))}"
        for name, value in values.items()
    )
    return f"[{', '.join(shown)}]"


def rich(lines: Iterable[tuple[str, int, str]]) -> str:
    """An HTML-like label of lines (text, size, colour); those of 11 points and more are bold."""
    rows = []
    for text, size, colour in lines:
        shown = f"<b>{escaped(text)}</b>" if size >= 11 else escaped(text)
        rows.append(f'<tr><td><font point-size="{size}" color="{colour}">{shown}</font></td></tr>')
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{"".join(rows)}</table>>'


def head(name: str, **graph: str | float) -> list[str]:
    """How every picture begins."""
    common: dict[str, str | float] = {"fontname": FONT, "fontsize": 11, "bgcolor": "transparent", "pad": 0.15, **graph}
    return [
        f"digraph {quoted(name)} {{",
        f"  graph {attributes({'id': f'ringfence-{name}', **common})}",
        f"  node {attributes(_NODE)}",
        f"  edge {attributes(_EDGE)}",
    ]


def node_line(picture: str, node: Node) -> str:
    """One node's statement."""
    look = LOOKS[node.scope]
    shown: dict[str, str | float] = {
        "id": f"ringfence-{picture}-{node.id}",
        "color": look.line,
        "penwidth": look.width,
        "label": _label(node),
    }
    if "database" in node.kinds:
        shown |= {"shape": "cylinder", "style": "filled", "margin": "0.14,0.08"}
    elif "gateway" in node.kinds:
        shown |= {"shape": "octagon", "style": "filled", "margin": "0.05,0.02"}
    elif node.shape == "hosts":
        shown |= {"peripheries": 2, "style": "filled"}
    elif node.shape == "segment":
        shown |= {"style": "dashed", "fillcolor": look.fill}
    elif node.shape in ("internet", "outside"):
        shown |= {"shape": "ellipse", "style": "filled", "fillcolor": "#e8eef7", "color": "#31527f", "penwidth": 1.4}
    elif node.shape == "every":
        shown |= {"style": "dashed,rounded"}
    return f"{quoted(node.id)} {attributes(shown)}"


def hosts_in_words(number: int) -> str:
    """``1 host``, ``70 hosts``."""
    return f"{number:,} host{'' if number == 1 else 's'}"


def _label(node: Node) -> str:
    lines = [(node.name, 11, INK)]
    if node.shape == "host":
        lines.append((", ".join(kind.replace("_", " ") for kind in node.kinds) or "host", 9, FAINT))
        if "gateway" not in node.kinds:
            lines += [(address, 9, FAINT) for address in node.addresses]
    elif node.shape == "hosts":
        lines.append((f"{node.members[0]} … {node.members[-1]}", 9, FAINT))
    elif node.shape == "segment":
        lines = [("whole segment", 11, INK), (hosts_in_words(len(node.members)), 9, FAINT)]
    elif node.shape == "outside":
        lines.append(("outside the site", 9, FAINT))
    if node.scope == CARD_DATA and node.shape in ("host", "hosts"):
        lines.append((WORDS[CARD_DATA], 9, LOOKS[CARD_DATA].line))
    return rich(lines)


def cluster(picture: str, drawn: Map, segment: str, statements: Iterable[str]) -> list[str]:
    """A segment as a frame around its nodes."""
    about = drawn.segments[segment]
    mark = drawn.scope.of_segment(segment)
    look = LOOKS[mark]
    lines = [
        (segment, 12, look.line if mark != OTHER else INK),
        (f"VLAN {about.get('vlan', '?')} · {str(about.get('class', '')).replace('_', ' ')}", 10, INK),
        *((str(subnet), 9, FAINT) for subnet in about.get("subnets", ())),
        (WORDS[mark], 9, look.line if mark != OTHER else FAINT),
    ]
    shown: dict[str, str | float] = {
        "id": f"ringfence-{picture}-segment:{segment}",
        "label": rich(lines),
        "style": "filled,rounded",
        "color": look.line,
        "fillcolor": look.fill,
        "penwidth": look.width,
        "margin": 12,
    }
    return [
        f"  subgraph {quoted(f'cluster_{segment}')} {{",
        f"    graph {attributes(shown)}",
        *(f"    {statement}" for statement in statements),
        "  }",
    ]
