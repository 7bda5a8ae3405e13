# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says of its clients, by the variables that the inventory plugin ``site`` has given its hosts."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The variables that are read by name; of others, those that list people (``lists_people``).
KEYS = (
    "ringfence_host",
    "ringfence_site",
    "ringfence_clients",
    "ringfence_segments",
    "ringfence_flows",
    "ringfence_databases",
    "ringfence_recordings",
    "ansible_host",
    "group_names",
)
_PEOPLE = re.compile(r"(?:^|_)(?:users?|accounts?|agents?|people|persons?|members?|logins?|usernames?)$", re.IGNORECASE)
_NAMED_BY = ("name", "user", "username", "login", "account", "email")


@dataclass(frozen=True)
class Place:
    """A host. ``holds``: the clients whose data it keeps; ``people``: users that its variables name."""

    site: str | None
    client: str | None
    segment: str | None
    trust_class: str | None
    groups: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Inventory:
    """The sites of an inventory, by name: ``clients``, ``segments`` and ``flows`` as the variables have them."""

    hosts: Mapping[str, Place] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    flows: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def client_names(self) -> set[str]:
        """The clients of all sites."""
        return {name for clients in self.clients.values() for name in clients}

    def sites_of(self, client: str) -> set[str]:
        """The sites that work for a client."""
        return {site for site, clients in self.clients.items() if client in clients}

    def serving(self, site: str | None, host: str, segment: str | None) -> set[str]:
        """The clients whose segments have a flow with a host."""
        owner = {about["segment"]: name for name, about in self.clients.get(site or "", {}).items()}
        found: set[str] = set()
        for flow in self.flows.get(site or "", []):
            for here, there in (("from", "to"), ("to", "from")):
                if host in flow[here] or segment in flow[here]:
                    found |= {owner[end] for end in flow[there] if end in owner}
        return found


@functools.lru_cache(maxsize=10_000)
def lists_people(name: str) -> bool:
    """Whether a variable or key of this name holds users."""
    return bool(_PEOPLE.search(name))


def people_in(value: Any) -> set[str]:
    """The users that a value names under keys that hold users."""
    found: set[str] = set()
    _collect(value, False, found)
    return found


def _collect(value: Any, named: bool, found: set[str]) -> None:
    """Add the users below a value. named: whether it stands under a key that holds users."""
    if isinstance(value, dict):
        for key, item in value.items():
            if named and isinstance(item, dict):
                found.add(str(key))
            if isinstance(item, (dict, list)):
                _collect(item, lists_people(str(key)), found)
            elif isinstance(item, str) and (lists_people(str(key)) or (named and key in _NAMED_BY)):
                found.add(item)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                if named:
                    found.add(item)
            else:
                _collect(item, named, found)


def _place(variables: Mapping[str, Any]) -> Place:
    model = variables.get("ringfence_host")
    model = model if isinstance(model, Mapping) else {}
    site = variables.get("ringfence_site")
    held = [*(variables.get("ringfence_databases") or []), *(variables.get("ringfence_recordings") or [])]
    legs = [address for leg in model.get("interfaces") or [] for address in leg["addresses"]]
    own = [*(model.get("addresses") or []), variables.get("ansible_host")]
    return Place(
        site=str(site["name"]) if isinstance(site, Mapping) and site.get("name") else None,
        client=model.get("client"),
        segment=model.get("segment"),
        trust_class=model.get("class"),
        groups=frozenset(variables.get("group_names") or ()),
        holds=frozenset(str(one["client"]) for one in held if isinstance(one, Mapping) and one.get("client")),
        addresses=frozenset(str(one) for one in [*own, *legs] if one),
        people=frozenset(people_in({key: value for key, value in variables.items() if lists_people(key)})),
    )


def read(hostvars: Mapping[str, Mapping[str, Any]]) -> Inventory:
    """The inventory from each host's variables, templates filled in; hosts without a site model are places as well."""
    hosts = {str(name): _place(variables) for name, variables in hostvars.items()}
    firsts = {place.site: hostvars[name] for name, place in reversed(list(hosts.items())) if place.site}
    return Inventory(
        hosts=hosts,
        titles={site: str(one["ringfence_site"].get("title") or site) for site, one in firsts.items()},
        clients={site: one.get("ringfence_clients") or {} for site, one in firsts.items()},
        segments={site: one.get("ringfence_segments") or {} for site, one in firsts.items()},
        flows={site: list(one.get("ringfence_flows") or []) for site, one in firsts.items()},
    )
