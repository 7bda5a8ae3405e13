# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts: built from well-shaped data, their addresses checked, and the gateway of each segment found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from .addresses import SubnetIndex, read_address, unusable_reason
from .model import Address, Host, Segment
from .problems import Path, Problems, did_you_mean, listed, path_text
from .segments import unknown_segment
from .vlans import check_trunk


class HostBuilder:
    """Builds the hosts of one model, remembering which address is whose."""

    def __init__(self, segments: Mapping[str, Segment], index: SubnetIndex, problems: Problems) -> None:
        self._segments = segments
        self._index = index
        self._problems = problems
        self._owners: dict[Address, Path] = {}

    def build(self, data: Mapping[str, Any]) -> dict[str, Host]:
        """The hosts whose essentials are known; what is wrong with the others has been noted."""
        hosts = {}
        for name, record in data.items():
            host = self._host(name, record)
            if host is not None:
                hosts[name] = host
        return hosts

    def owner(self, address: Address) -> Any:
        """The name of the host that has an address, or None."""
        path = self._owners.get(address)
        return None if path is None else path[1]

    def _host(self, name: str, record: Mapping[str, Any]) -> Any:
        path: Path = ("hosts", name)
        kinds = tuple(record.get("kind", ()))
        segment = record.get("segment")
        if segment is not None and segment not in self._segments:
            self._problems.add((*path, "segment"), unknown_segment(segment, self._segments))
            segment = None
        legs: dict[str, tuple[Address, ...]] = {}
        own = self._own_addresses(path, record, segment)
        if segment is not None:
            legs[segment] = own
        self._further_legs(path, record, kinds, segment, legs)
        if segment is None:
            return None
        trust_class = record.get("class", self._segments[segment].trust_class)
        trunk = check_trunk(name, record, self._problems)
        return Host(
            name,
            kinds,
            segment,
            legs,
            record.get("os", ""),
            trust_class,
            record.get("vars", {}),
            trunk,
            record.get("ssh_port"),
            tuple(record.get("without", ())),
        )

    def _own_addresses(self, path: Path, record: Mapping[str, Any], segment: Any) -> tuple[Address, ...]:
        if "address" not in record and "address6" not in record:
            self._problems.add(path, "has neither address nor address6; a host has one of them or both")
        addresses = []
        for key, version in (("address", 4), ("address6", 6)):
            if key in record:
                where = (*path, key)
                address = read_address(record[key], where, self._problems, version)
                if address is not None and self._accept(address, segment, where):
                    addresses.append(address)
        return tuple(addresses)

    def _further_legs(
        self, path: Path, record: Mapping[str, Any], kinds: Iterable[str], segment: Any, legs: dict[str, Any]
    ) -> None:
        interfaces = record.get("interfaces", {})
        if interfaces and kinds and "gateway" not in kinds:
            self._problems.add(
                (*path, "interfaces"),
                "only a host of kind gateway has interfaces in further segments: any other would be a way round the "
                "gateway",
                at_key=True,
            )
        for name, texts in interfaces.items():
            where: Path = (*path, "interfaces", name)
            if name not in self._segments:
                self._problems.add(where, unknown_segment(name, self._segments), at_key=True)
                continue
            if name == segment:
                self._problems.add(where, f"{name} is the host's own segment: address and address6 say it", at_key=True)
                continue
            addresses = []
            for position, text in enumerate(texts):
                at = (*where, position)
                address = read_address(text, at, self._problems)
                if address is not None and self._accept(address, name, at):
                    addresses.append(address)
            legs[name] = tuple(addresses)

    def _accept(self, address: Address, segment: Any, path: Path) -> bool:
        """Note whose an address is; False when it can't be this host's."""
        owner = self._owners.setdefault(address, path)
        if owner is not path:
            self._problems.add(path, f"{address} is already {path_text(owner)}; an address belongs to one host")
            return False
        networks = self._segments[segment].networks if segment in self._segments else ()
        if not networks:
            return True  # its segment is unknown or has no readable subnet: said elsewhere
        reason = unusable_reason(address, networks)
        if reason == "outside":
            elsewhere = self._index.segment_of(address)
            hint = f"; it lies in segment {elsewhere}" if elsewhere else ""
            subnets = listed(str(network) for network in networks)
            self._problems.add(path, f"{address} is in no subnet of segment {segment}{hint}. {subnets}")
        elif reason is not None:
            self._problems.add(path, f"{address} {reason}, no host can have it")
        return reason is None


def with_gateways(
    segments: Mapping[str, Segment], data: Mapping[str, Any], hosts: Mapping[str, Host], problems: Problems
) -> dict[str, Segment]:
    """The segments with the gateway of each: the one it names, else the only gateway that has a leg in it."""
    serving: dict[str, list[str]] = {}
    for host in hosts.values():
        if host.is_gateway:
            for leg in host.legs:
                serving.setdefault(leg, []).append(host.name)
    complete = {}
    for name, segment in segments.items():
        candidates = serving.get(name, [])
        wanted = data[name].get("gateway")
        path: Path = ("segments", name, "gateway")
        if wanted is not None and wanted not in candidates:
            valid = listed(candidates) if candidates else "No host of kind gateway has a leg in this segment."
            problems.add(path, f"{wanted!r} is no gateway with a leg in {name}. {valid}{did_you_mean(wanted, hosts)}")
        elif wanted is None and len(candidates) > 1:
            problems.add(
                ("segments", name),
                f"{' and '.join(candidates)} are gateways with a leg in this segment: say which of them routes for it "
                "(key gateway)",
            )
        gateway = wanted or (candidates[0] if candidates else None)
        complete[name] = dataclasses.replace(segment, gateway=gateway)
    return complete
