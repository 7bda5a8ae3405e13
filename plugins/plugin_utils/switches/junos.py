# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Junos with the Enhanced Layer 2 Software (ELS), as EX and QFX switches of today have it. It speaks no DTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .common import access_vlan, carried, title_of, vlans_of
from .junos_xml import set_lines

_VLANS = "junipernetworks.junos.junos_vlans"
_L2 = "junipernetworks.junos.junos_l2_interfaces"


def requests(switch: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the resource modules are asked. VLANs are members by name."""
    named = vlans_of(switch)
    vlans = [{"name": name, "vlan_id": number} for number, name in named.items()]
    layer2 = []
    for name, port in switch["ports"].items():
        told: dict[str, Any] = {"name": name, "unit": 0, "enhanced_layer": True}
        if port["mode"] == "trunk":
            allowed = [named[vlan] for vlan in carried(switch, port)]
            told["trunk"] = {"allowed_vlans": allowed, "native_vlan": str(switch["native_vlan"])}
        else:
            told["access"] = {"vlan": named[access_vlan(switch, port)]}
        layer2.append(told)
    return [(_VLANS, vlans), (_L2, layer2)]


def assemble(switch: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
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
    for module in (_VLANS, _L2):
        lines += set_lines(answers[module])
    lines.append("set protocols rstp bpdu-block-on-edge")
    for name, port in switch["ports"].items():
        lines += _extra(name, port)
    return "\n".join(lines)


def _extra(name: str, port: Mapping[str, Any]) -> list[str]:
    """What the resource modules have no attribute for."""
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
