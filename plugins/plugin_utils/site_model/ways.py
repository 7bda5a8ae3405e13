# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of packets between two endpoints: which gateways forward them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .model import OUTSIDE, Endpoint, Segment

# Where an endpoint stands as seen by the routing: a segment, a gateway, or outside. Endpoints of one place share a way.
Place = tuple[str, str]


def place_of(endpoint: Endpoint) -> Place:
    """The place of an endpoint."""
    if endpoint.is_gateway:
        return ("gateway", endpoint.name)
    return ("segment", next(iter(endpoint.places)))  # OUTSIDE is a place like a segment


def by_place(endpoints: Iterable[Endpoint]) -> dict[Place, list[Endpoint]]:
    """The endpoints of one side of a flow, put together by place."""
    places: dict[Place, list[Endpoint]] = {}
    for endpoint in endpoints:
        places.setdefault(place_of(endpoint), []).append(endpoint)
    return places


def gateways_between(source: Endpoint, destination: Endpoint, segments: Mapping[str, Segment]) -> set[str]:
    """The gateways that forward packets from one endpoint to another; none when they share a segment."""
    if source.places & destination.places:
        return set()
    return {
        gateway
        for end in (source, destination)
        if not end.is_gateway
        for gateway in (_gateway_of(end, segments),)
        if gateway is not None and gateway not in (source.name, destination.name)
    }


def _gateway_of(endpoint: Endpoint, segments: Mapping[str, Segment]) -> str | None:
    place = next(iter(endpoint.places))
    return None if place == OUTSIDE else segments[place].gateway


def forwarded(
    sources: Iterable[Endpoint], destinations: Iterable[Endpoint], segments: Mapping[str, Segment]
) -> list[tuple[str, list[Endpoint], list[Endpoint]]]:
    """What each gateway forwards of a flow: (gateway, sources, destinations), every source to every destination.

    Only pairs that really cross the gateway are in it: two endpoints in one segment never are. The work grows with
    the number of places, not of hosts.
    """
    from_places, to_places = by_place(sources), by_place(destinations)
    crossing: dict[str, dict[Place, list[Place]]] = {}
    for to_place, to_endpoints in to_places.items():
        for from_place, from_endpoints in from_places.items():
            for gateway in gateways_between(from_endpoints[0], to_endpoints[0], segments):
                crossing.setdefault(gateway, {}).setdefault(to_place, []).append(from_place)
    parts = []
    for gateway, to_from in crossing.items():
        # Destinations reached from the very same places share a rule.
        alike: dict[tuple[Place, ...], list[Place]] = {}
        for to_place, origins in to_from.items():
            alike.setdefault(tuple(origins), []).append(to_place)
        for origins_of_all, reached in alike.items():
            parts.append(
                (
                    gateway,
                    [endpoint for place in origins_of_all for endpoint in from_places[place]],
                    [endpoint for place in reached for endpoint in to_places[place]],
                )
            )
    return parts
