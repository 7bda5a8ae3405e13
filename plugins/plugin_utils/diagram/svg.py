# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program's SVG becomes ours: a title and a description, words for readers of screens, a legend and a table.

What comes out refers to nothing outside of itself, and the same data gives the same text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from .dot import FAINT, FONT, INK, LOOKS, clean
from .scope import WORDS

NAMESPACE = "http://www.w3.org/2000/svg"
_TITLE, _LINE = 40.0, 15.0
_EDGE = 16.0
# How wide a letter is on average, in parts of the font's size: enough to break lines, no more is needed.
_LETTER = 0.54
_RIM = {
    "paint-order": "stroke",
    "stroke": "#ffffff",
    "stroke-opacity": "0.85",
    "stroke-width": "2.5",
    "stroke-linejoin": "round",
}

ET.register_namespace("", NAMESPACE)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


class Column:
    """A column of the table: its heading and its share of the width."""

    def __init__(self, title: str, share: float) -> None:
        self.title, self.share = title, share


def finish(
    drawing: str,
    *,
    name: str,
    title: str,
    description: str,
    words: Mapping[str, str],
    columns: Sequence[Column] = (),
    rows: Sequence[Sequence[str]] = (),
    least_width: float = 640.0,
) -> str:
    """The finished SVG. ``words`` gives what a part of the drawing is, by its id."""
    root = ET.fromstring(drawing)  # noqa: S314  # written by dot a moment ago, from DOT in which all text is quoted
    words = {clean(identity): said for identity, said in words.items()}
    _left, _top, drawn_width, drawn_height = (float(part) for part in root.attrib["viewBox"].split())
    graph = root[0]
    _say(graph, words, title)
    _lift(graph)
    width = max(drawn_width + 2 * _EDGE, least_width)
    svg = ET.Element(_tag("svg"))
    heading = _text(svg, title, _EDGE, 26, size=17, bold=True)
    heading.set("aria-hidden", "true")
    graph_frame = ET.SubElement(
        svg, _tag("g"), {"transform": f"translate({(width - drawn_width) / 2:.1f},{_TITLE:.1f})"}
    )
    graph_frame.append(graph)
    bottom = _legend(svg, _TITLE + drawn_height + 18, width)
    if rows:
        bottom = _table(svg, columns, rows, bottom + 14, width)
    height = bottom + _EDGE
    svg.attrib.update(
        {
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
            # On a page and on paper it is never wider than there is room.
            "style": "max-width:100%;height:auto;background:#ffffff",
            "font-family": FONT,
        }
    )
    for at, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(_tag(tag), {"id": f"{name}-{tag}"})
        element.text = clean(text)
        svg.insert(at, element)
    ET.indent(svg, " ")
    return ET.tostring(svg, encoding="unicode") + "\n"


def _say(graph: ET.Element, words: Mapping[str, str], title: str) -> None:
    """Give every part of the drawing words in the place of graphviz's own names, and an id without blanks."""
    for group in graph.iter(_tag("g")):
        told = group.find(_tag("title"))
        identity = group.get("id", "")
        if told is not None:
            if group is graph:
                told.text = clean(title)
            elif identity in words:
                told.text = clean(words[identity])
            else:
                group.remove(told)
        group.set("id", re.sub(r"[^A-Za-z0-9_-]", "-", identity))


def _lift(graph: ET.Element) -> None:
    """Put the words of segments and arrows above everything, with a rim, so that no line makes them hard to read."""
    above = []
    for group in graph.findall(_tag("g")):
        kind = group.get("class")
        if kind not in ("cluster", "edge"):
            continue
        for text in group.findall(_tag("text")):
            text.attrib.update(_RIM)
            if kind == "cluster":
                group.remove(text)
                above.append(text)
    if above:
        ET.SubElement(graph, _tag("g")).extend(above)


def _text(parent: ET.Element, text: str, left: float, top: float, *, size: float, bold: bool = False) -> ET.Element:
    shown = {"x": f"{left:.1f}", "y": f"{top:.1f}", "font-size": f"{size:g}", "fill": INK}
    if bold:
        shown["font-weight"] = "bold"
    element = ET.SubElement(parent, _tag("text"), shown)
    element.text = clean(text)
    return element


def _legend(svg: ET.Element, top: float, width: float) -> float:
    """What the colours mean."""
    left = _EDGE
    frame = ET.SubElement(svg, _tag("g"))
    for mark, look in LOOKS.items():
        needed = 24 + len(WORDS[mark]) * 11 * _LETTER + 24
        if left + needed > width:
            left, top = _EDGE, top + _LINE + 4
        box = {"x": f"{left:.1f}", "y": f"{top - 10:.1f}", "width": "16", "height": "12", "rx": "2"}
        ET.SubElement(
            frame, _tag("rect"), {**box, "fill": look.fill, "stroke": look.line, "stroke-width": f"{look.width:g}"}
        )
        _text(frame, WORDS[mark], left + 24, top, size=11)
        left += needed
    return top + 6


def _table(
    svg: ET.Element, columns: Sequence[Column], rows: Sequence[Sequence[str]], top: float, width: float
) -> float:
    """The table under the drawing; returns where it ends."""
    room = width - 2 * _EDGE
    total = sum(column.share for column in columns)
    widths = [room * column.share / total for column in columns]
    lefts = [_EDGE + sum(widths[:at]) for at in range(len(widths))]
    frame = ET.SubElement(svg, _tag("g"))
    top += _LINE
    for column, left in zip(columns, lefts):  # Python 3.9 has no strict
        _text(frame, column.title, left, top, size=10, bold=True)
    top += 5
    for row in rows:
        _rule(frame, top, width)
        cells = [_wrapped(text, span - 8) for text, span in zip(row, widths)]  # as above
        for lines, left in zip(cells, lefts):  # as above
            for at, text in enumerate(lines):
                _text(frame, text, left, top + 13 + at * 12, size=10)
        top += 13 + 12 * (max(len(lines) for lines in cells) - 1) + 5
    _rule(frame, top, width)
    return top


def _rule(parent: ET.Element, top: float, width: float) -> None:
    ends = {"x1": f"{_EDGE:.1f}", "x2": f"{width - _EDGE:.1f}", "y1": f"{top:.1f}", "y2": f"{top:.1f}"}
    ET.SubElement(parent, _tag("line"), {**ends, "stroke": FAINT, "stroke-width": "0.4"})


def _wrapped(text: str, room: float) -> list[str]:
    """Text in lines that fit; a word that is too long is broken."""
    most = max(4, int(room / (10 * _LETTER)))
    lines: list[str] = [""]
    for word in text.split():
        rest = word
        while rest:
            gap = 1 if lines[-1] else 0
            if len(lines[-1]) + gap + len(rest) <= most:
                lines[-1] += " " * gap + rest
                rest = ""
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = rest[:most], rest[most:]
                if rest:
                    lines.append("")
    return lines
