# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that the lab that is there becomes the lab that is wanted. Pure: no command is run here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .spec import Host, Login, Network, Spec


@dataclass(frozen=True)
class SeenHost:
    """A container of the lab that exists.

    :param mark: the hash of what it was made from, its label.
    :param boot: changes with every start of the container; '' when it does not run.
    """

    mark: str
    boot: str


@dataclass(frozen=True)
class LabState:
    """What exists of a lab: networks {name: mark}, hosts {name: SeenHost}."""

    networks: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, SeenHost] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Names of what to remove, make, start and settle, in this order. Empty: nothing to do.

    To settle a host is to give it the lab's ssh key and its routes and to read its host keys: after each of its boots.
    """

    remove_hosts: tuple[str, ...] = ()
    remove_networks: tuple[str, ...] = ()
    create_networks: tuple[str, ...] = ()
    create_hosts: tuple[str, ...] = ()
    start_hosts: tuple[str, ...] = ()
    settle_hosts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return any(asdict(self).values())


def mark_network(network: Network) -> str:
    """Return the hash of what a network is made from."""
    return _mark(asdict(network))


def mark_host(host: Host, networks: Mapping[str, Network], image: str, options: Sequence[str]) -> str:
    """Return the hash of what a host is made from.

    :param image: the image's id.
    :param options: podman's options for every host.
    """
    mine = {interface.network: mark_network(networks[interface.network]) for interface in host.interfaces}
    made_from = {**asdict(host), "groups": None}
    # What most hosts do without is no part of their mark, so that they did not change when labs learned it.
    if host.login == Login():
        del made_from["login"]
    if not host.mirror:
        del made_from["mirror"]
    return _mark([made_from, mine, image, list(options)])


def _mark(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def plan(
    spec: Spec, seen: LabState, images: Mapping[str, str], options: Sequence[str], settled: Mapping[str, str]
) -> Plan:
    """Return what to do.

    :param seen: what exists.
    :param images: {image of the specification: its id}.
    :param options: podman's options for every host.
    :param settled: {host: the boot in which it was last settled}.
    """
    networks = {network.name: network for network in spec.networks}
    wanted = {host.name: mark_host(host, networks, images[host.image], options) for host in spec.hosts}
    kept = {name for name, host in seen.hosts.items() if wanted.get(name) == host.mark}
    kept_networks = {
        name for name, mark in seen.networks.items() if name in networks and mark_network(networks[name]) == mark
    }
    started = {name for name in kept if not seen.hosts[name].boot}
    unsettled = {name for name in kept if seen.hosts[name].boot != settled.get(name)}
    created = {name for name in wanted if name not in kept}
    order = [host.name for host in spec.hosts]
    return Plan(
        remove_hosts=tuple(sorted(set(seen.hosts) - kept)),
        remove_networks=tuple(sorted(set(seen.networks) - kept_networks)),
        create_networks=tuple(name for name in networks if name not in kept_networks),
        create_hosts=tuple(name for name in order if name in created),
        start_hosts=tuple(name for name in order if name in started),
        settle_hosts=tuple(name for name in order if name in created | started | unsettled),
    )
