# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration in Junos' XML as the set commands that mean the same."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

# Lists whose entries are known by their first child ``name``, in the parts of the configuration that we render.
_LISTS = ("vlan", "interface", "unit")
_BARE = re.compile(r"[A-Za-z0-9._/:-]+", re.ASCII)


def set_lines(xml: str) -> list[str]:
    """The commands of one rendered part, such as ``<vlans>`` or ``<interfaces>``."""
    root = ET.fromstring(xml)  # noqa: S314  # rendered by a module on this machine a moment ago, from checked values
    return [f"set {' '.join(words)}" for child in root for words in _commands(child, [_name(root)])]


def _commands(element: ET.Element, words: list[str]) -> Iterator[list[str]]:
    """The commands of an element below what ``words`` name."""
    name = _name(element)
    key = element.find("{*}name") if name in _LISTS else None
    below = [child for child in element if child is not key]
    # <interface> below <interfaces> is `interfaces NAME`, <unit> below it is `unit NAME`.
    here = words if key is not None and f"{name}s" == words[-1] else [*words, name]
    if key is not None:
        here = [*here, _word((key.text or "").strip())]
    elif not below and (element.text or "").strip():
        here = [*here, _word((element.text or "").strip())]
    if not below:
        yield here
    for child in below:
        yield from _commands(child, here)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _word(text: str) -> str:
    return text if _BARE.fullmatch(text) else f'"{text}"'
