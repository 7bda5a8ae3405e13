# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML as the exports write it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

# What no XML document can hold, escaped or not.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def text(value: object) -> str:
    """A value as text that XML can hold."""
    return _FORBIDDEN.sub("\ufffd", str(value))


def add(parent: ET.Element, tag: str, content: object = None, **attributes: object) -> ET.Element:
    """A new last child; ``class_`` stands for the attribute class, as ``for_`` does for for."""
    child = ET.SubElement(parent, tag, {key.rstrip("_"): text(value) for key, value in attributes.items()})
    if content is not None:
        child.text = text(content)
    return child


def document(root: ET.Element) -> bytes:
    """The whole document in UTF-8."""
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"
