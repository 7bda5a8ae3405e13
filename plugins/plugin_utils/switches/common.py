# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platforms have in common: VLANs with their names, titles of ports, and blocks of lines by interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

PARKING, NATIVE = "parking", "native-unused"
LONGEST_NAME = 32


def vlans_of(switch: Mapping[str, Any]) -> dict[int, str]:
    """The VLANs that a switch must have: their names by number, no two the same."""
    found = {vlan: _vlan_name(segment, vlan) for segment, vlan in switch["vlans"].items()}
    for vlan, name in ((switch["parking_vlan"], PARKING), (switch["native_vlan"], NATIVE)):
        found[vlan] = f"{name}-{vlan}" if name in found.values() else name
    return dict(sorted(found.items()))


def _vlan_name(segment: str, vlan: int) -> str:
    """A segment's name, shortened to what IOS and EOS take."""
    return segment if len(segment) <= LONGEST_NAME else f"{segment[: LONGEST_NAME - 5]}-{vlan}"


def title_of(port: Mapping[str, Any]) -> str:
    """A port's description: what people wrote, or what it is for."""
    if port.get("title"):
        return str(port["title"])
    if port["mode"] == "access":
        return str(port["segment"])
    if port["mode"] == "trunk":
        return "uplink" if port["uplink"] else "trunk"
    return "unused"


def access_vlan(switch: Mapping[str, Any], port: Mapping[str, Any]) -> int:
    """The VLAN of a port that is no trunk; unused ones are parked."""
    return int(switch["vlans"][port["segment"]] if port["mode"] == "access" else switch["parking_vlan"])


def carried(switch: Mapping[str, Any], port: Mapping[str, Any]) -> list[int]:
    """The VLANs of a trunk."""
    return sorted(int(switch["vlans"][segment]) for segment in port["segments"])


def described(switch: Mapping[str, Any]) -> dict[str, list[str]]:
    """The description of every port, as IOS and EOS write it."""
    return {f"interface {name}": [f"description {title_of(port)}"] for name, port in switch["ports"].items()}


def extra_of(switch: Mapping[str, Any], extra: Callable[[Mapping[str, Any]], list[str]]) -> dict[str, list[str]]:
    """A platform's own lines of every port. It is switched on or off last, when it is what it shall be."""
    return {
        f"interface {name}": [*extra(port), "shutdown" if port["mode"] == "unused" else "no shutdown"]
        for name, port in switch["ports"].items()
    }


def blocks(lines: Iterable[str]) -> dict[str, list[str]]:
    """A module's flat lines by their heading: what starts with ``interface`` or ``vlan`` opens a block.

    Some modules give the lines of a block in another order every time. They come out sorted, so that the same model
    gives the same file; none needs another before it but the mode, which sorts before what depends on it.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        text = line.strip()
        if text.split(" ", 1)[0] in ("interface", "vlan"):
            current = found.setdefault(text, [])
        elif text and text not in current:
            current.append(text)
    return {heading: sorted(inside) for heading, inside in found.items()}


def merged(*parts: Mapping[str, list[str]]) -> list[str]:
    """Blocks of several modules as one text: every heading once, its lines in the order of the parts."""
    together: dict[str, list[str]] = {}
    for part in parts:
        for heading, lines in part.items():
            together.setdefault(heading, []).extend(lines)
    text: list[str] = []
    for heading, lines in together.items():
        text += ["!", heading, *(f" {line}" for line in lines)]
    return [*text, "!"] if text else text
