# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Junos with the Enhanced Layer 2 Software (ELS), as EX and QFX switches of today have it. It speaks no DTP.

All lines are ours, and asked of no module: the package ansible has no collection for Junos any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .common import access_vlan, carried, title_of, vlans_of


def requests(_switch: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the resource modules are asked: nothing."""
    return []


def assemble(switch: Mapping[str, Any], _answers: Mapping[str, Any]) -> str:
    """The configuration as set commands. What a port had before goes first: set alone would add to it."""
    lines = []
    for name in switch["ports"]:
        lines += [
            f"delete interfaces {name} unit 0 family ethernet-switching",
            f"delete interfaces {name} native-vlan-id",
            f"delete switch-options interface {name}.0",
            f"delete protocols rstp interface {name}",
            f"delete interfaces {name} disable",
        ]
    named = vlans_of(switch)
    lines += [f"set vlans {name} vlan-id {number}" for number, name in named.items()]
    for name, port in switch["ports"].items():
        lines += _switching(name, port, switch, named)
    lines.append("set protocols rstp bpdu-block-on-edge")
    for name, port in switch["ports"].items():
        lines += _extra(name, port)
    return "\n".join(lines)


def _switching(name: str, port: Mapping[str, Any], switch: Mapping[str, Any], named: Mapping[int, str]) -> list[str]:
    """Mode and VLANs of a port, which are members by name."""
    family = f"set interfaces {name} unit 0 family ethernet-switching"
    if port["mode"] != "trunk":
        return [f"{family} interface-mode access", f"{family} vlan members {named[access_vlan(switch, port)]}"]
    return [
        f"{family} interface-mode trunk",
        *(f"{family} vlan members {named[vlan]}" for vlan in carried(switch, port)),
        f"set interfaces {name} native-vlan-id {switch['native_vlan']}",
    ]


def _extra(name: str, port: Mapping[str, Any]) -> list[str]:
    """Port security, spanning tree, title, and whether the port is up."""
    tree = f"set protocols rstp interface {name}"
    lines = [f'set interfaces {name} description "{title_of(port)}"']
    if port["mode"] == "trunk":
        return [*lines, tree]
    lines += [f"{tree} edge", f"{tree} no-root-port"]
    if port["mode"] == "unused":
        lines.append(f"set interfaces {name} disable")
    if port["mode"] == "access":
        limit = f"set switch-options interface {name}.0 interface-mac-limit"
        lines += [
            f"{limit} {port['macs']}",
            f"{limit} packet-action drop-and-log",
            f"set switch-options interface {name}.0 persistent-learning",
        ]
    return lines
