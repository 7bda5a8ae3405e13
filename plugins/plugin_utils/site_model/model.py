# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a site model that has passed its checks. All of them are read-only."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from .problems import Problem

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

# The place of everything that lies in no segment. No segment can be called so: its name is empty.
OUTSIDE = ""


@dataclass(frozen=True)
class Dhcp:
    """The first and the last address that are handed out."""

    first: str
    last: str


@dataclass(frozen=True)
class Segment:
    """A VLAN and its subnets. ``gateway`` is the host that routes for it, None when none of the model does."""

    name: str
    title: str
    vlan: int
    networks: tuple[Network, ...]
    trust_class: str
    gateway: str | None = None
    dhcp: Dhcp | None = None


@dataclass(frozen=True)
class Database:
    """Where a client's data is: a host of kind database, and the database's name there."""

    host: str
    name: str


@dataclass(frozen=True)
class Recordings:
    """Where a client's calls are recorded, and for how many days they are kept.

    ``host`` is one of kind recorder, ``path`` a folder there; ``store`` says in words what lies outside the site.
    """

    host: str | None
    path: str | None
    store: str | None
    retention: int


@dataclass(frozen=True)
class Retention:
    """For how many days a client's data and the backups of it are kept, and why."""

    data: int | None
    backups: int | None
    reason: str


@dataclass(frozen=True)
class BusinessHours:
    """When agents work for a client. ``end`` before ``start`` means on the next day."""

    days: tuple[str, ...]
    start: str
    end: str
    timezone: str


@dataclass(frozen=True)
class Client:
    """A company the call centre works for, and the segment its agents sit in."""

    name: str
    title: str
    segment: str
    sites_allowed: tuple[str, ...] = ()
    database: Database | None = None
    recordings: Recordings | None = None
    retention: Retention | None = None
    business_hours: BusinessHours | None = None


@dataclass(frozen=True)
class Host:
    """A machine. ``legs`` maps segment names to its addresses there, its own segment first; ``trunk``: its ports.

    ``ssh_port`` is set where its sshd listens elsewhere than the administration says; ``without``: what it needs no way
    to.
    """

    name: str
    kinds: tuple[str, ...]
    segment: str
    legs: Mapping[str, tuple[Address, ...]]
    os: str
    trust_class: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    trunk: tuple[str, ...] = ()
    ssh_port: int | None = None
    without: tuple[str, ...] = ()

    @property
    def addresses(self) -> list[Address]:
        """All its addresses, those in its own segment first."""
        return [address for addresses in self.legs.values() for address in addresses]

    @property
    def is_gateway(self) -> bool:
        """Whether it routes between segments."""
        return "gateway" in self.kinds


@dataclass(frozen=True)
class Endpoint:
    """One side of a flow: a host, a segment, the internet, or addresses that are neither.

    ``places`` are the segments it has a leg in, {OUTSIDE} when none. ``networks`` is empty for the internet only.
    ``leg`` is set for a host of which only the addresses in one segment are meant.
    """

    kind: str  # host | segment | internet | address
    name: str
    places: frozenset[str]
    networks: tuple[Network, ...] = ()
    is_gateway: bool = False
    leg: str = ""

    @property
    def outside(self) -> bool:
        """Whether it lies in no segment of the site."""
        return OUTSIDE in self.places

    @property
    def families(self) -> frozenset[int]:
        """The IP versions it can speak: 4, 6."""
        return frozenset(network.version for network in self.networks) if self.networks else frozenset((4, 6))


@dataclass(frozen=True)
class Flow:
    """Who may talk to whom, why, and who answers for it."""

    name: str
    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    protocol: str
    ports: tuple[int | str, ...]
    reason: str
    owner: str
    change: str | None = None
    review_by: str | None = None
    mitigation: str | None = None


@dataclass(frozen=True)
class Account:
    """An account by which people or automation come in. It stays usable whatever is hardened."""

    name: str
    reason: str
    owner: str
    expires: str | None = None


@dataclass(frozen=True)
class Administration:
    """Where administrators and the automation account come from, to which ports, and by which accounts.

    ``local_sources`` are machines with a leg on several segments: each reaches only its own segment's hosts.
    ``ports_said``: whether the model says the ports, and does not merely leave them at the default.
    """

    sources: tuple[Endpoint, ...]
    local_sources: tuple[Endpoint, ...]
    reason: str
    owner: str
    ports: tuple[int, ...] = (22,)
    ports_said: bool = False
    accounts: tuple[Account, ...] = ()
    review_by: str | None = None


@dataclass(frozen=True)
class WebFilter:
    """Who filters what workstations open. ``served`` maps filtering hosts to the names of their clients.

    ``resolvers`` are the name servers that the filter asks; without any it asks those of the internet.
    """

    port: int
    resolvers: tuple[Endpoint, ...] = ()
    served: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contact:
    """Somebody who answers for something."""

    name: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Port:
    """A port of a switch. ``mode`` is access (one segment), trunk (those that it carries) or unused (none)."""

    mode: str
    segments: tuple[str, ...] = ()
    macs: int = 1
    title: str | None = None
    uplink: bool = False


@dataclass(frozen=True)
class Switch:
    """A switch with the ports that the model says something of."""

    name: str
    platform: str
    address: str
    ports: Mapping[str, Port]
    parking_vlan: int
    native_vlan: int


@dataclass(frozen=True)
class Site:
    """A whole site model.

    ``published`` are the flows from the internet, one a service. ``derived_flows`` are those that nobody wrote: they
    follow from the rest. ``remediation`` is where a workstation that fails its checks may still go. ``warnings`` are
    what was no reason to refuse it.
    """

    file: str
    name: str
    title: str
    contact: str | None
    segments: Mapping[str, Segment]
    clients: Mapping[str, Client]
    hosts: Mapping[str, Host]
    flows: tuple[Flow, ...]
    administration: Administration
    web_filter: WebFilter
    published: tuple[Flow, ...] = ()
    derived_flows: tuple[Flow, ...] = ()
    remediation: tuple[Endpoint, ...] = ()
    contacts: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)
    switches: Mapping[str, Switch] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    def ssh_ports(self, host: Host) -> tuple[int, ...]:
        """The ports on which the sshd of a host listens."""
        return self.administration.ports if host.ssh_port is None else (host.ssh_port,)
