# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the segmentation test knows of a site: read from the inventory's variables, and from nothing else."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The row of the matrix that stands for everybody outside. No segment can be called so.
INTERNET = "internet"


class SegmentationError(Exception):
    """The test can't be done: every reason, one sentence each."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True)
class End:
    """One side of a try: an address, the segment it lies in, and the host it belongs to, if to any."""

    host: str | None
    segment: str
    address: str

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


@dataclass(frozen=True)
class SiteHost:
    """A host of the inventory."""

    name: str
    kinds: tuple[str, ...]
    segment: str
    legs: Mapping[str, tuple[str, ...]]
    administration: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_gateway(self) -> bool:
        """Whether it routes between segments."""
        return "gateway" in self.kinds

    @property
    def ends(self) -> list[End]:
        """Its addresses, each with its segment."""
        return [End(self.name, leg, address) for leg, addresses in self.legs.items() for address in addresses]


@dataclass(frozen=True)
class SiteView:
    """A site as its inventory describes it."""

    name: str
    title: str
    segments: Mapping[str, Mapping[str, Any]]
    flows: tuple[Mapping[str, Any], ...]
    hosts: Mapping[str, SiteHost]
    owners: Mapping[str, End] = field(default_factory=dict)

    @property
    def gateways(self) -> list[SiteHost]:
        """The hosts that route between segments."""
        return [host for host in self.hosts.values() if host.is_gateway]

    @property
    def administration_ports(self) -> set[int]:
        """The ports by which administrators come in, on any host."""
        return {int(port) for host in self.hosts.values() for rule in host.administration for port in rule["ports"]}

    def networks(self, segment: str) -> list[Any]:
        """The subnets of a segment."""
        return [ipaddress.ip_network(text) for text in self.segments[segment]["subnets"]]


def read_site(variables: Mapping[str, Mapping[str, Any]]) -> SiteView:
    """The site of some hosts, from the variables of each. Raises SegmentationError."""
    known = {name: told for name, told in variables.items() if isinstance(told.get("ringfence_host"), Mapping)}
    sites = {str(told["ringfence_site"]["name"]) for told in known.values() if told.get("ringfence_site")}
    if not known or not sites:
        raise SegmentationError(
            ["no host of the inventory comes from a site model (site.yml): nothing says what is meant"]
        )
    if len(sites) > 1:
        listed = ", ".join(sorted(sites))
        raise SegmentationError(
            [f"the inventory has several sites ({listed}); test one at a time, with -i of its site.yml"]
        )
    first = next(iter(known.values()))
    hosts = {name: _host(name, told) for name, told in known.items()}
    return SiteView(
        name=sites.pop(),
        title=str(first["ringfence_site"].get("title") or first["ringfence_site"]["name"]),
        segments=first["ringfence_segments"],
        flows=tuple(first.get("ringfence_flows") or ()),
        hosts=hosts,
        owners={end.address: end for host in hosts.values() for end in host.ends},
    )


def _host(name: str, told: Mapping[str, Any]) -> SiteHost:
    about = told["ringfence_host"]
    rules = told.get("firewall_flow_rules") or ()
    return SiteHost(
        name=name,
        kinds=tuple(about["kinds"]),
        segment=about["segment"],
        legs={leg["segment"]: tuple(leg["addresses"]) for leg in about["interfaces"]},
        administration=tuple(
            rule
            for rule in rules
            if rule["direction"] == "inbound" and rule["name"].partition("__")[0] == "administration-ssh"
        ),
    )
