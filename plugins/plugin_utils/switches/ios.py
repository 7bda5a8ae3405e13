# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco IOS and IOS XE.

``cisco.ios.ios_vlans`` asks the device what kind it is even for ``state: rendered``, and ``ios_l2_interfaces`` renders
``bpduguard enabled`` where IOS knows ``enable`` only (both as of cisco.ios 11.1.1). So these lines are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .common import access_vlan, blocks, carried, described, extra_of, merged, vlans_of

_L2 = "cisco.ios.ios_l2_interfaces"
# VLANs above cannot be suspended.
_LAST_NORMAL = 1001


def requests(switch: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the resource modules are asked."""
    layer2 = []
    for name, port in switch["ports"].items():
        told: dict[str, Any] = {"name": name, "nonegotiate": True}
        if port["mode"] == "trunk":
            vlans = [str(vlan) for vlan in carried(switch, port)]
            told |= {"mode": "trunk", "trunk": {"allowed_vlans": vlans, "native_vlan": switch["native_vlan"]}}
        else:
            told |= {"mode": "access", "access": {"vlan": access_vlan(switch, port)}}
        layer2.append(told)
    return [(_L2, layer2)]


def assemble(switch: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """The configuration as one reads it on the switch."""
    vlans = {f"vlan {number}": [f"name {name}"] for number, name in vlans_of(switch).items()}
    if switch["parking_vlan"] <= _LAST_NORMAL:
        vlans[f"vlan {switch['parking_vlan']}"].append("state suspend")
    return "\n".join(merged(vlans, described(switch), blocks(answers[_L2]), extra_of(switch, _extra)))


def _extra(port: Mapping[str, Any]) -> list[str]:
    """What the resource modules have no attribute for."""
    if port["mode"] == "trunk":
        # Neighbours on a trunk are switches: their BPDUs are wanted, and a port that was an edge once is none now.
        return ["no switchport port-security", "spanning-tree portfast disable", "spanning-tree bpduguard disable"]
    if port["mode"] == "unused":
        return ["no switchport port-security", "spanning-tree portfast", "spanning-tree bpduguard enable"]
    return [
        f"switchport port-security maximum {port['macs']}",
        "switchport port-security violation restrict",
        "switchport port-security mac-address sticky",
        "switchport port-security",
        "spanning-tree portfast",
        "spanning-tree bpduguard enable",
    ]
