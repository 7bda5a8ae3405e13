# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next free VLAN, subnets and gateway addresses, in the pattern of a segment that is there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.model import Network, Segment, Site

from .draft import EditError

LAST_VLAN = 4094


@dataclass(frozen=True)
class Place:
    """What a new segment gets."""

    vlan: int
    subnets: tuple[str, ...]


def next_place(site: Site, pattern: Segment, vlan: int | None = None, subnets: Iterable[str] = ()) -> Place:
    """The first place after a segment's in which VLAN and all subnets are free.

    VLAN and subnets move on together, so that a site whose addresses tell the VLAN stays so: after VLAN 20 with
    10.60.20.0/24 comes VLAN 21 with 10.60.21.0/24. ``vlan`` and ``subnets`` are taken as they are where given.
    """
    taken_vlans = {segment.vlan for segment in site.segments.values()}
    taken = _networks(site)
    given = tuple(subnets)
    for step in range(1, LAST_VLAN + 1):
        number = pattern.vlan + step if vlan is None else vlan
        if vlan is None and (number > LAST_VLAN or number in taken_vlans):
            continue
        moved = [] if given else [_moved(network, step) for network in pattern.networks]
        if all(network is not None and not _overlaps(network, taken) for network in moved):
            return Place(number, given or tuple(str(network) for network in moved))
    raise EditError(
        f"there is no free VLAN with free subnets after those of segment {pattern.name}: say which it gets (segment: "
        "vlan, subnets)"
    )


def check_place(site: Site, vlan: int | None, subnets: Iterable[str]) -> None:
    """Refuse a VLAN and subnets for a new segment that are none, or another segment's."""
    for segment in site.segments.values():
        if segment.vlan == vlan:
            raise EditError(f"segment.vlan: {vlan} is that of segment {segment.name} already; choose another")
    for text in subnets:
        try:
            network = ipaddress.ip_network(text)
        except ValueError:
            said = f"segment.subnets: {text!r} is no subnet; expected one such as 10.60.10.0/24 or fd60:0:0:10::/64"
            raise EditError(said) from None
        for segment in site.segments.values():
            if _overlaps(network, segment.networks):
                raise EditError(f"segment.subnets: {text} overlaps a subnet of segment {segment.name}; choose another")


def addresses_like(site: Site, gateway: str, pattern: Segment, subnets: Iterable[str]) -> list[str]:
    """The addresses of a gateway in new subnets: at the place where it has its own in a segment that is there."""
    legs = site.hosts[gateway].legs.get(pattern.name, ())
    places = {
        address.version: int(address) - int(network.network_address)
        for address in legs
        for network in pattern.networks
        if address in network
    }
    addresses = []
    for text in subnets:
        network = ipaddress.ip_network(text)
        place = places.get(network.version, 1)
        if place >= network.num_addresses - 1:
            place = 1
        addresses.append(str(network[place]))
    return addresses


def _moved(network: Network, step: int) -> Network | None:
    """The network that lies some networks of its size further; None where private space ends."""
    start = int(network.network_address) + step * network.num_addresses
    if start >= 2**network.max_prefixlen:
        return None
    moved = ipaddress.ip_network((start, network.prefixlen))
    return moved if moved.is_private == network.is_private else None


def _networks(site: Site) -> list[Network]:
    """Every network that the model names, in the site or outside."""
    found = [network for segment in site.segments.values() for network in segment.networks]
    ends = [end for flow in site.flows for end in (*flow.sources, *flow.destinations)]
    ends += [*site.administration.sources, *site.administration.local_sources]
    ends += [*site.web_filter.resolvers, *site.remediation]
    return found + [network for end in ends if end.kind == "address" for network in end.networks]


def _overlaps(network: Network, taken: Iterable[Network]) -> bool:
    return any(one.version == network.version and one.overlaps(network) for one in taken)
