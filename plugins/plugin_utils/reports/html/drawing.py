# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture as the report's page carries it: not as markup, but as shapes, and only such as can neither run nor load.

The page's script makes each of them anew. Ids are left out, so that no two pictures can clash.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

_SPACE = "{http://www.w3.org/2000/svg}"
_SHAPES = frozenset(
    f"{_SPACE}{name}"
    for name in (
        *("svg", "g", "title", "text", "tspan"),
        *("path", "polygon", "polyline", "ellipse", "circle", "rect", "line"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *("viewBox", "transform", "d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry"),
        *("width", "height", "fill", "fill-opacity", "paint-order", "aria-hidden"),
        *("stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin"),
        *("font-family", "font-size", "font-weight", "font-style", "text-anchor"),
    )
)


class PictureError(Exception):
    """A text that is no picture."""


def _allowed(name: str, value: str) -> bool:
    """Whether an attribute may be kept: one of a shape, whose value names nothing outside it."""
    return name in _ATTRIBUTES and ("(" not in value or name == "transform") and ":" not in value


def _shape(element: ET.Element) -> list[Any]:
    """Name, attributes and content of an element; texts are texts, everything else is a list again."""
    attributes = {name: value for name, value in element.attrib.items() if _allowed(name, value)}
    content: list[Any] = [element.text] if element.text and element.text.strip() else []
    content += [_shape(child) for child in element if child.tag in _SHAPES]
    return [str(element.tag)[len(_SPACE) :], attributes, *content]


def shapes(text: str) -> dict[str, Any]:
    """``title``, ``description`` and ``shapes`` of an SVG text. Raises PictureError."""
    try:
        if "<!ENTITY" in text:
            raise PictureError("it defines entities")
        root = ET.fromstring(text)  # noqa: S314  # without entities, which are what makes XML dangerous to read
        if root.tag != f"{_SPACE}svg":
            raise PictureError("it is no SVG")
        return {
            "title": root.findtext(f"{_SPACE}title") or "Picture",
            "description": root.findtext(f"{_SPACE}desc") or "",
            "shapes": _shape(root),
        }
    except (ET.ParseError, RecursionError, ValueError) as problem:
        raise PictureError(str(problem)) from problem
