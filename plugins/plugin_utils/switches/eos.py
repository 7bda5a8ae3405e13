# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arista EOS. It speaks no DTP, so there is none to switch off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .common import access_vlan, blocks, carried, described, extra_of, merged, vlans_of

_VLANS, _L2 = "arista.eos.eos_vlans", "arista.eos.eos_l2_interfaces"


def requests(switch: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What the resource modules are asked."""
    vlans = [
        {"vlan_id": number, "name": name, "state": "suspend" if number == switch["parking_vlan"] else "active"}
        for number, name in vlans_of(switch).items()
    ]
    layer2 = []
    for name, port in switch["ports"].items():
        told: dict[str, Any] = {"name": name}
        if port["mode"] == "trunk":
            allowed = [str(vlan) for vlan in carried(switch, port)]
            told |= {"mode": "trunk", "trunk": {"trunk_allowed_vlans": allowed, "native_vlan": switch["native_vlan"]}}
        else:
            told |= {"mode": "access", "access": {"vlan": access_vlan(switch, port)}}
        layer2.append(told)
    return [(_VLANS, vlans), (_L2, layer2)]


def assemble(switch: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """The configuration as one reads it on the switch."""
    parts = (blocks(answers[_VLANS]), described(switch), blocks(answers[_L2]), extra_of(switch, _extra))
    return "\n".join(merged(*parts))


def _extra(port: Mapping[str, Any]) -> list[str]:
    """What the resource modules have no attribute for."""
    if port["mode"] == "trunk":
        return ["no switchport port-security", "no spanning-tree portfast", "no spanning-tree bpduguard"]
    if port["mode"] == "unused":
        return ["no switchport port-security", "spanning-tree portfast", "spanning-tree bpduguard enable"]
    return [
        f"switchport port-security mac-address maximum {port['macs']}",
        "switchport port-security violation protect log",
        "switchport port-security",
        "spanning-tree portfast",
        "spanning-tree bpduguard enable",
    ]
