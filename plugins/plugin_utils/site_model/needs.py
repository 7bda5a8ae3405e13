# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts get from elsewhere (names, time, packages, …), and whether a site's flows give them a way to it.

catalog/needs.yml says which flows count as a way to what, meta/needs.yml of each role what the role needs.
docs/site_needs.md has both in words.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import CATALOG_DIRECTORY, COLLECTION_ROOT

from .flows import port_bounds
from .model import Endpoint, Flow, Host, Site
from .problems import Problems

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: So many hosts are named in one warning, and so many roles.
_NAMED, _ROLES = 8, 2


@dataclass(frozen=True)
class Service:
    """Something hosts get from elsewhere, and which flows count as a way to it."""

    name: str
    title: str
    protocols: tuple[str, ...]
    ports: tuple[int, ...]
    kinds: tuple[str, ...]
    internet: bool
    beside: tuple[str, ...] = ()
    proxies: tuple[int, ...] = ()


@dataclass(frozen=True)
class Needs:
    """All services by name, those that every host needs, and of each role its kinds of host and what it needs."""

    services: Mapping[str, Service]
    every_host: tuple[str, ...]
    roles: Mapping[str, tuple[tuple[str, ...] | None, tuple[str, ...]]]

    def of(self, host: Host) -> dict[str, list[str]]:
        """What a host needs, and the roles that need it; every host's needs have no role."""
        found: dict[str, list[str]] = {name: [] for name in self.every_host}
        for role, (kinds, names) in self.roles.items():
            if kinds is None or not set(kinds).isdisjoint(host.kinds):
                for name in names:
                    found.setdefault(name, []).append(role)
        return {name: found[name] for name in self.services if name in found}


@functools.lru_cache(maxsize=1)
def load() -> Needs:
    """The needs as the collection's files say them."""
    catalog = _read(os.path.join(CATALOG_DIRECTORY, "needs.yml"))
    services: dict[str, Service] = {}
    for name, about in catalog["services"].items():
        read: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in about.items()}
        services[name] = Service(name, **read)
    roles: dict[str, tuple[tuple[str, ...] | None, tuple[str, ...]]] = {}
    folder = os.path.join(COLLECTION_ROOT, "roles")
    for role in sorted(os.listdir(folder)):
        path = os.path.join(folder, role, "meta", "needs.yml")
        if os.path.isfile(path):
            about = _read(path)
            roles[role] = (None if about["kinds"] == "all" else tuple(about["kinds"]), tuple(about["needs"]))
    return Needs(services, tuple(catalog["every_host"]), roles)


def _read(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=_LOADER)  # noqa: S506  # a safe loader in C or in Python


@dataclass
class _Way:
    """Who has a way to a service: by the name of a host or segment, the IP versions that work.

    ``within``: the ways of a segment that end in it. A gateway of that segment has those only: to elsewhere it speaks
    from another leg, which rules of the segment do not name.
    """

    sources: dict[str, set[int]] = field(default_factory=dict)
    within: dict[str, set[int]] = field(default_factory=dict)


class Ways:
    """The ways that the flows of a site give."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._services = load().services
        self._filters = set(site.web_filter.served)
        self._serving_in: dict[tuple[str, str], set[int]] = {}
        for host in site.hosts.values():
            for name, service in self._services.items():
                if self._is_of_kind(host, service):
                    versions = {address.version for address in host.legs[host.segment]}
                    self._serving_in.setdefault((name, host.segment), set()).update(versions)
        self._ways = {name: _Way() for name in self._services}
        for flow in (*site.flows, *site.derived_flows):
            for name, families in self.given_by(flow).items():
                for source in flow.sources:
                    way = self._ways[name]
                    way.sources.setdefault(source.name, set()).update(families)
                    if source.kind == "segment" and all(end.places == source.places for end in flow.destinations):
                        way.within.setdefault(source.name, set()).update(families)

    def given_by(self, flow: Flow, *, beside: bool = False) -> dict[str, set[int]]:
        """The services to which a flow is a way, with the IP versions of those who answer.

        ``beside``: those too to which it is none alone, but goes with the flow that is.
        """
        found: dict[str, set[int]] = {}
        bounds = [port_bounds(port)[:2] for port in flow.ports] or [(0, 65535)]
        for name, service in self._services.items():
            if flow.protocol not in ("any", *service.protocols, *(service.beside if beside else ())):
                continue
            families = {
                family
                for end in flow.destinations
                if self._answers(service, end, bounds)
                for family in end.families & self._serving(service, end)
            }
            if families:
                found[name] = families
        return found

    def has(self, host: Host, service: str) -> bool:
        """Whether a host has a way to a service, or is the one that answers."""
        if self._is_of_kind(host, self._services[service]):
            return True
        way = self._ways[service]
        of_segment = way.within if host.is_gateway else way.sources
        reached = way.sources.get(host.name, set()) | of_segment.get(host.segment, set())
        return any(address.version in reached for address in host.addresses)

    def segment_has(self, segment: str, service: str) -> bool:
        """Whether every host that may come into a segment has a way to a service."""
        return bool(self._ways[service].sources.get(segment))

    def _is_of_kind(self, host: Host, service: Service) -> bool:
        # The resolver of the web filter is a name server to those it filters for.
        filters = service.name == "names" and host.name in self._filters
        return filters or not set(service.kinds).isdisjoint(host.kinds)

    def _serving(self, service: Service, end: Endpoint) -> frozenset[int]:
        """The IP versions of the hosts that answer; of an end that is no segment, its own."""
        if end.kind != "segment":
            return end.families
        return frozenset(self._serving_in.get((service.name, end.name), ()))

    def _answers(self, service: Service, end: Endpoint, bounds: Iterable[tuple[int, int]]) -> bool:
        if end.kind == "internet":
            return service.internet and _hits(service.ports, bounds)
        if end.kind == "host" and not self._is_of_kind(self._site.hosts[end.name], service):
            return False
        return _hits((*service.ports, *service.proxies), bounds)


def _hits(ports: Iterable[int], bounds: Iterable[tuple[int, int]]) -> bool:
    return any(low <= port <= high for port in ports for low, high in bounds)


def warn_of_missing_ways(site: Site, problems: Problems) -> None:
    """Note every host that has no way to what it needs. Hosts of a segment that lack the same share a warning."""
    needs, ways = load(), Ways(site)
    lacking: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for host in site.hosts.values():
        missing = tuple(
            _with_roles(needs.services[name].title, roles)
            for name, roles in needs.of(host).items()
            if name not in host.without and not ways.has(host, name)
        )
        if missing:
            lacking.setdefault((host.segment, missing), []).append(host.name)
    for (_segment, missing), names in lacking.items():
        listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        have = "has" if len(names) == 1 else "have"
        problems.warn(
            ("hosts", names[0]),
            f"{listed} {have} no way to {'; '.join(missing)}: no flow leads there. docs/site_needs.md says which count",
        )


def _with_roles(title: str, roles: Sequence[str]) -> str:
    """``packages (for antivirus, firewall and 3 more roles)``."""
    if not roles:
        return title
    more = f" and {len(roles) - _ROLES} more roles" if len(roles) > _ROLES else ""
    return f"{title} (for {', '.join(roles[:_ROLES])}{more})"
