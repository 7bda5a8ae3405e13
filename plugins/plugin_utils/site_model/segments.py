# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Segments: built from well-shaped data and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .addresses import SubnetIndex, read_subnet
from .model import Network, Segment
from .problems import Path, Problems, did_you_mean, listed
from .vlans import read_dhcp

# VLAN 1 is what switches give an unconfigured port and send untagged: who sits in it can reach into other VLANs with
# double-tagged frames. Only segments whose people are trusted anyway may have it.
_NOT_IN_VLAN_1 = ("client", "card_data", "voice", "guest")


def build_segments(data: Mapping[str, Any], problems: Problems) -> tuple[dict[str, Segment], SubnetIndex]:
    """The segments, as yet without their gateways, and the index of their subnets."""
    segments: dict[str, Segment] = {}
    subnets: list[tuple[Network, str, Path]] = []
    vlans: dict[int, str] = {}
    for name, record in data.items():
        path: Path = ("segments", name)
        networks = []
        for position, text in enumerate(record.get("subnets", [])):
            where = (*path, "subnets", position)
            network = read_subnet(text, where, problems)
            if network is not None:
                networks.append(network)
                subnets.append((network, name, where))
        vlan, trust_class = record.get("vlan", 0), record.get("class", "")
        if vlan:
            _check_vlan(name, vlan, trust_class, vlans, problems)
        segments[name] = Segment(
            name=name,
            title=record.get("title", name),
            vlan=vlan,
            networks=tuple(networks),
            trust_class=trust_class,
            dhcp=read_dhcp(record, tuple(networks), path, problems),
        )
    return segments, SubnetIndex(subnets, problems)


def _check_vlan(name: str, vlan: int, trust_class: str, vlans: dict[int, str], problems: Problems) -> None:
    path: Path = ("segments", name, "vlan")
    if vlan in vlans:
        problems.add(path, f"VLAN {vlan} is already that of segment {vlans[vlan]}; every segment has one of its own")
    vlans.setdefault(vlan, name)
    if vlan == 1 and trust_class in _NOT_IN_VLAN_1:
        problems.add(path, f"VLAN 1 is the switches' default and not safe for class {trust_class}. Valid: 2 to 4094.")


def unknown_segment(name: str, segments: Mapping[str, Segment]) -> str:
    """The message for a segment that is not in the model."""
    return f"there is no segment {name!r}. {listed(segments)}{did_you_mean(name, segments)}"
