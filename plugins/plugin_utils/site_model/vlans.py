# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces of a gateway, and the addresses that it hands out, as a site model says them.

A gateway has a leg in each of some segments. Where it has a ``trunk``, each leg is a tagged interface of that; where it
has none, the legs are found on the host by their addresses. A segment's ``dhcp`` is served by its gateway.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from .model import Dhcp, Host, Network, Segment, Site
from .problems import Path, Problems

_PORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_RANGE = re.compile(r"(\S+?)\s*-\s*(\S+)")


def read_dhcp(record: Mapping[str, Any], networks: tuple[Network, ...], path: Path, problems: Problems) -> Dhcp | None:
    """The range of a segment's ``dhcp``; None when it has none, or what is wrong has been noted."""
    told = record.get("dhcp")
    if told is None:
        return None
    where: Path = (*path, "dhcp")
    texts = _ends(told)
    if texts is None:
        problems.add(where, "expected first and last, or range as FIRST-LAST: the addresses to hand out")
        return None
    try:
        first, last = (ipaddress.IPv4Address(text) for text in texts)
    except ValueError:
        problems.add(
            where, f"{texts[0]} to {texts[1]} is no range of IPv4 addresses; IPv6 hosts make theirs by the prefix"
        )
        return None
    around = next((one for one in networks if first in one and last in one), None)
    if around is None or first > last:
        problems.add(where, f"{first} to {last} is no range within one of the segment's subnets")
    elif around.prefixlen <= 30 and {first, last} & {around.network_address, around.broadcast_address}:
        problems.add(where, f"{first} to {last} holds the network or the broadcast address of {around}")
    return Dhcp(str(first), str(last))


def _ends(told: Mapping[str, Any]) -> tuple[str, str] | None:
    """The two ends as they are written, in one of the two ways."""
    if "range" not in told:
        return (told["first"], told["last"]) if "first" in told and "last" in told else None
    found = _RANGE.fullmatch(told["range"])
    return (found[1], found[2]) if found and len(told) == 1 else None


def check_dhcp(segments: Mapping[str, Segment], hosts: Mapping[str, Host], problems: Problems) -> None:
    """A range needs a gateway that serves it, and holds no address that is a host's."""
    for segment in segments.values():
        if segment.dhcp is None:
            continue
        path: Path = ("segments", segment.name, "dhcp")
        serving = [] if segment.gateway is None else hosts[segment.gateway].legs.get(segment.name, ())
        if not any(address.version == 4 for address in serving):
            problems.add(
                path, "no gateway of the site has an IPv4 address in this segment: nobody can hand out addresses"
            )
        first, last = ipaddress.IPv4Address(segment.dhcp.first), ipaddress.IPv4Address(segment.dhcp.last)
        for host in hosts.values():
            for address in host.legs.get(segment.name, ()):
                if address.version == 4 and first <= address <= last:
                    problems.add(path, f"the range {first} to {last} holds {address}, which is {host.name}'s own")


def check_trunk(name: str, record: Mapping[str, Any], problems: Problems) -> tuple[str, ...]:
    """The ports of a host's ``trunk``."""
    ports = tuple(record.get("trunk", ()))
    path: Path = ("hosts", name, "trunk")
    if ports and "gateway" not in record.get("kind", ("gateway",)):
        problems.add(path, "only a host of kind gateway has a trunk", at_key=True)
    for position, port in enumerate(ports):
        if _PORT.fullmatch(port) is None:
            problems.add((*path, position), f"{port!r} is no name of a port; valid: such as eth1 or enp3s0")
    return ports


def variables_of(site: Site, host: Host) -> dict[str, Any]:
    """The variables of the role client_vlans for a gateway; nothing for other hosts."""
    if not host.is_gateway:
        return {}
    others = {name for one in site.hosts.values() if one.is_gateway and one.name != host.name for name in one.legs}
    found: dict[str, Any] = {
        "client_vlans_interfaces": [
            _interface(site, host, site.segments[name], transit=name in others)
            for name, leg in host.legs.items()
            if leg
        ]
    }
    if host.trunk:
        found["client_vlans_trunk"] = list(host.trunk)
    return found


def _interface(site: Site, host: Host, segment: Segment, *, transit: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": segment.name,
        "vlan": segment.vlan,
        "addresses": [
            f"{address}/{next(network for network in segment.networks if address in network).prefixlen}"
            for address in host.legs[segment.name]
        ],
        "subnets": [str(network) for network in segment.networks],
    }
    if transit:
        # What other gateways route comes in here too, and the model does not know all of it.
        told["transit"] = True
    if segment.dhcp is not None and segment.gateway == host.name:
        told["dhcp"] = {"first": segment.dhcp.first, "last": segment.dhcp.last}
        told["dns"] = _name_servers(site, segment)
    return told


def _name_servers(site: Site, segment: Segment) -> list[str]:
    """Where the web filter of a client answers questions about names; nobody else is known to."""
    client = next((one for one in site.clients.values() if one.segment == segment.name), None)
    name = next((host for host, served in site.web_filter.served.items() if client and client.name in served), None)
    if name is None:
        return []
    host = site.hosts[name]
    return [str(address) for address in host.legs.get(segment.name) or host.legs[host.segment]]


def rules_of(site: Site, host: Host) -> list[dict[str, Any]]:
    """The firewall rules by which a gateway hands out addresses. No flow has a name with __ in it."""
    rules: list[dict[str, Any]] = []
    for segment in site.segments.values():
        if segment.dhcp is None or segment.gateway != host.name:
            continue
        subnets = [str(network) for network in segment.networks if network.version == 4]
        common = {
            "name": f"dhcp__{segment.name}",
            "protocol": "udp",
            "reason": f"Hosts in {segment.name} get their addresses from this gateway",
            "owner": site.administration.owner,
            **({} if site.administration.review_by is None else {"review_by": site.administration.review_by}),
        }
        rules.append({**common, "direction": "inbound", "source": ["0.0.0.0/32", *subnets], "ports": [67]})
        rules.append(
            {**common, "direction": "outbound", "destination": ["255.255.255.255/32", *subnets], "ports": [68]}
        )
    return rules
