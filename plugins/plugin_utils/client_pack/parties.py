# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose each host of a bundle is: the client's own, shared, or somebody else's, of which the client sees nothing.

A host is the client's own when the bundle or the inventory says so and neither says otherwise. It is shared when it
belongs to no client, the inventory still has it, it is of a site that works for the client, and what it does is not
for others alone. Whatever is left is somebody else's: nothing is shown because a rule forgot it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .inventory import Inventory, Place
from .rules import FOR_EVERYBODY


class PackError(Exception):
    """No pack is made; the text says why."""


@dataclass(frozen=True)
class Parties:
    """The hosts by name, each in one of the three."""

    client: str
    title: str
    sites: frozenset[str]
    own: tuple[str, ...]
    shared: tuple[str, ...]
    others: tuple[str, ...]
    segments: frozenset[str]


def divide(records: Sequence[Mapping[str, Any]], inventory: Inventory, client: str) -> Parties:
    """Divide the hosts of a bundle. PackError for a client that neither the bundle nor the inventory knows."""
    valid = inventory.client_names() | {name for record in records for name in _clients_of(record, None)}
    if client not in valid:
        names = ", ".join(sorted(valid)) or "none, as the inventory's site model has no clients"
        raise PackError(f"client: there is no client {client!r}. Valid: {names}.")
    sites = inventory.sites_of(client) | {
        inventory.hosts[str(record["host"])].site or ""
        for record in records
        if str(record["host"]) in inventory.hosts and _clients_of(record, None) == {client}
    }
    found: dict[str, list[str]] = {"own": [], "shared": [], "others": []}
    for record in records:
        place = inventory.hosts.get(str(record["host"]))
        found[_whose(record, place, inventory, client, sites)].append(str(record["host"]))
    about = [inventory.clients[site][client] for site in sorted(sites) if client in inventory.clients.get(site, {})]
    own = set(found["own"])
    segments = {str(one["segment"]) for one in about}
    segments |= {
        str(record["attributes"]["segment"])
        for record in records
        if str(record["host"]) in own and record["attributes"].get("segment")
    }
    return Parties(
        client=client,
        title=str(about[0].get("title") or client) if about else client,
        sites=frozenset(sites),
        segments=frozenset(segments),
        own=tuple(found["own"]),
        shared=tuple(found["shared"]),
        others=tuple(found["others"]),
    )


def _clients_of(record: Mapping[str, Any], place: Place | None) -> set[str]:
    """The clients that the bundle and the inventory say a host belongs to."""
    said = (record["attributes"].get("client"), place.client if place else None)
    return {str(one) for one in said if one}


def _whose(
    record: Mapping[str, Any], place: Place | None, inventory: Inventory, client: str, sites: Iterable[str]
) -> str:
    clients = _clients_of(record, place)
    if clients:
        return "own" if clients == {client} else "others"
    if place is None or (place.site or "") not in sites:
        return "others"
    if "client" in (place.trust_class, record["attributes"].get("class")):
        return "others"
    if place.holds and client not in place.holds:
        return "others"
    if FOR_EVERYBODY.isdisjoint(record["attributes"].get("kinds") or ()):
        serves = inventory.serving(place.site, str(record["host"]), place.segment)
        if serves and client not in serves:
            return "others"
    return "shared"
