# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of a bundle as the PDF embeds them: vectors, and words for those who do not see them."""

from __future__ import annotations

import base64
import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SVG = "{http://www.w3.org/2000/svg}"
_UPRIGHT_FROM = 0.8  # height by width
# Millimetres of width and height that a page leaves.
_STANDING, _LYING = (178.0, 205.0), (265.0, 125.0)


@dataclass(frozen=True)
class Picture:
    """A picture: ``address`` holds it, None where it is no SVG; ``upright``: whether its page stands or lies.

    size: width and height on the page in millimetres.
    """

    name: str
    words: str
    address: str | None
    upright: bool = True
    size: tuple[float, float] = (0.0, 0.0)


def _size(root: ET.Element) -> tuple[float, float]:
    """Width and height; what cannot be told counts as a square."""
    box = re.findall(r"[\d.]+", root.get("viewBox", ""))
    try:
        width, height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        return 1.0, 1.0
    return max(width, 1.0), max(height, 1.0)


def _halos_below(parent: ET.Element) -> None:
    """Let the outline of a text, which sets it off from the lines below, be drawn before the text and not over it.

    That is what ``paint-order`` asks for, which the library does not know.
    """
    for place, child in reversed(list(enumerate(parent))):
        _halos_below(child)
        if child.get("paint-order") == "stroke" and child.get("stroke"):
            halo = copy.deepcopy(child)
            halo.set("fill", "none")
            for name in ("stroke", "stroke-width", "paint-order"):
                child.attrib.pop(name, None)
            parent.insert(place, halo)


def _picture(name: str, svg: str) -> Picture:
    try:
        root = ET.fromstring(svg)  # noqa: S314  # expat bounds what entities may grow to, and fetches none
    except ET.ParseError as problem:
        return Picture(name, f"the file is no SVG: {problem}", None)
    _halos_below(root)
    width, height = _size(root)
    said = [" ".join((root.findtext(f"{_SVG}{tag}") or "").split()) for tag in ("title", "desc")]
    data = base64.b64encode(ET.tostring(root, encoding="utf-8")).decode("ascii")
    words = ". ".join(text for text in said if text) or name
    upright = height > width * _UPRIGHT_FROM
    room = _STANDING if upright else _LYING
    scale = min(room[0] / width, room[1] / height)
    return Picture(name, words, f"data:image/svg+xml;base64,{data}", upright, (width * scale, height * scale))


def pictures(drawn: Mapping[str, str]) -> Iterator[Picture]:
    """Every picture, by its name."""
    for name, svg in sorted(drawn.items()):
        yield _picture(name, svg)
