# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who tries what: the list of every probing host, made of addresses of the inventory only."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .intended import Intent
from .ports import wanted_ports
from .site import INTERNET, End, SegmentationError, SiteHost, SiteView

#: Addresses for documentation (RFC 5737, RFC 3849): nobody on the internet has them.
_OUTSIDE = ("192.0.2.250", "2001:db8::250")
#: Seconds that a run takes at most beside the probing, while the hosts watch: once, and for each turn of hosts.
_OTHER_TASKS, _TURN = 180, 30


@dataclass(frozen=True)
class Options:
    """What an operator can choose."""

    tcp_ports: tuple[int, ...] = ()
    udp_ports: tuple[int, ...] = ()
    common_ports: bool = True
    hosts_per_segment: int = 2
    targets_per_segment: int = 10
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    internet: bool = True
    rate: int = 400
    time_limit: int = 300
    max_tries: int = 200000
    control_port: int = 54321


@dataclass(frozen=True)
class Seat:
    """From where is tried: a host, or a namespace on a gateway that stands for a machine of a segment."""

    runs_on: str
    place: str
    ends: tuple[End, ...]
    namespace: bool

    def end(self, version: int) -> End | None:
        """Its address of an IP version."""
        return next((end for end in self.ends if end.version == version), None)


class Planner:
    """Makes the plan of one run."""

    def __init__(self, site: SiteView, options: Options, present: Collection[str]) -> None:
        """``present``: the hosts that take part in the run."""
        self.site = site
        self.options = options
        self.intent = Intent(site)
        self._present = set(present)
        self.tcp = wanted_ports("tcp", site.flows, options.tcp_ports, common=options.common_ports)
        self.udp = wanted_ports("udp", site.flows, options.udp_ports, common=options.common_ports)
        self.tcp = sorted({*self.tcp, *site.administration_ports})
        self.seats, self.without_seat = self._seats()
        self.targets = [end for host in self._targets() for end in host.ends]

    # --- from where --------------------------------------------------------------------------------------------

    def _seats(self) -> tuple[list[Seat], dict[str, str]]:
        """The seats, and why segments have none."""
        seats: list[Seat] = []
        without: dict[str, str] = {}
        for segment in self.site.segments:
            hosts = [host for host in self.site.hosts.values() if host.segment == segment and not host.is_gateway]
            chosen = self._some(
                [host for host in hosts if host.name in self._present], "from", self.options.hosts_per_segment
            )
            seats += [Seat(host.name, segment, tuple(host.ends), namespace=False) for host in chosen]
            if not chosen:
                gateway = self._gateway_of(segment)
                if gateway is None:
                    without[segment] = "it has no host that takes part, and no gateway that could stand for one"
                else:
                    seats.append(Seat(gateway.name, segment, self._spare(segment), namespace=True))
        gateways = [host for host in self.site.gateways if host.name in self._present]
        if self.options.internet and gateways:
            ends = tuple(End(None, INTERNET, address) for address in self.options.addresses.get(INTERNET, _OUTSIDE))
            seats.append(Seat(gateways[0].name, INTERNET, ends, namespace=True))
        return seats, without

    def _gateway_of(self, segment: str) -> SiteHost | None:
        legs = (host for host in self.site.gateways if segment in host.legs and host.name in self._present)
        return next(legs, None)

    def _spare(self, segment: str) -> tuple[End, ...]:
        """Addresses of a segment that no host of the inventory has, near the end of each subnet."""
        given = self.options.addresses.get(segment)
        if given:
            return tuple(End(None, segment, address) for address in given)
        found: list[End] = []
        for network in self.site.networks(segment):
            if network.version in {end.version for end in found}:
                continue
            last = int(network.broadcast_address)
            if network.version == 6:
                last = int(network.network_address) + min(0xFEEE, network.num_addresses - 1)
            for number in range(last - 4, int(network.network_address), -1):
                address = str(ipaddress.ip_address(number) if network.version == 4 else ipaddress.IPv6Address(number))
                if address not in self.site.owners:
                    found.append(End(None, segment, address))
                    break
        return tuple(found)

    def _some(self, hosts: list[SiteHost], side: str, most: int) -> list[SiteHost]:
        """The hosts that flows name by their own name, and others up to a number."""
        named = {name for flow in self.site.flows for name in flow[side]}
        first = [host for host in hosts if host.name in named]
        return first + [host for host in hosts if host.name not in named][: max(0, most - len(first))]

    # --- to where ----------------------------------------------------------------------------------------------

    def _targets(self) -> list[SiteHost]:
        chosen: list[SiteHost] = []
        for segment in self.site.segments:
            hosts = [host for host in self.site.hosts.values() if host.segment == segment and not host.is_gateway]
            chosen += self._some(hosts, "to", self.options.targets_per_segment)
        return chosen + self.site.gateways

    def pairs(self, seat: Seat) -> Iterable[tuple[End, End]]:
        """Every address that a seat tries, with its own address for it."""
        for target in self.targets:
            source = seat.end(target.version)
            if source is not None and target.host != source.host:
                yield source, target

    def tries(self, source: End, target: End) -> Iterable[tuple[str, int, str | None]]:
        """What is tried of a pair: protocol, port, and the flow that means it to get through, if one does."""
        echo = "icmpv6" if target.version == 6 else "icmp"
        for protocol, ports in (("tcp", self.tcp), ("udp", self.udp), (echo, [0])):
            for port in ports:
                yield protocol, port, self.intent.flow(source, target, protocol, port)

    # --- the whole ---------------------------------------------------------------------------------------------

    def plan(self, run: str, nonce: int, *, forks: int = 5) -> dict[str, Any]:
        """What every host does, as plain data. Raises SegmentationError."""
        self._check()
        probes: dict[str, list[dict[str, Any]]] = {}
        counts: dict[str, int] = {}
        for seat in self.seats:
            targets = [entry for source, target in self.pairs(seat) for entry in self._entries(seat, source, target)]
            count = sum(len(entry["tcp"]) + len(entry["udp"]) + entry["echo"] for entry in targets)
            counts[seat.runs_on] = counts.get(seat.runs_on, 0) + count
            probes.setdefault(seat.runs_on, []).append(
                {
                    "place": seat.place,
                    "sources": [end.address for end in seat.ends],
                    "namespace": seat.namespace,
                    "targets": targets,
                }
            )
        total = sum(counts.values())
        if total > self.options.max_tries:
            raise SegmentationError(
                [
                    f"{total} tries are more than segmentation_test_max_tries ({self.options.max_tries}): lower "
                    "segmentation_test_hosts_per_segment or segmentation_test_targets_per_segment, or raise it"
                ]
            )
        control = self._control()
        if control is not None:
            # Tried once more with everything else, when it must be closed again.
            (own,) = (entry for entry in probes[control["host"]] if entry["place"] == control["place"])
            own["targets"] += [{**entry, "echo": False} for entry in control["probes"][0]["targets"]]
        batches, turns = (-(-len(hosts) // max(1, forks)) for hosts in (probes, self._present))
        slowest = min(max(counts.values(), default=0) * 2 / self.options.rate + 15, self.options.time_limit + 15)
        return {
            "run": run,
            "nonce": nonce,
            "tries": total,
            "watch_seconds": int(batches * slowest) + _OTHER_TASKS + turns * _TURN,
            "probes": probes,
            "control": control,
            "tcp_ports": self.tcp,
            "udp_ports": self.udp,
        }

    def _entries(self, seat: Seat, source: End, target: End) -> list[dict[str, Any]]:
        """What a host is told of one target: once for what is meant to be closed, once for what is meant to be open."""
        found = []
        for open_ in (False, True):
            ports: dict[str, list[int]] = {}
            for protocol, port, flow in self.tries(source, target):
                if (flow is not None) == open_:
                    ports.setdefault(protocol, []).append(port)
            if ports:
                found.append(
                    {
                        "address": target.address,
                        # What has to work must also leave the host by its own firewall; a namespace has none.
                        "way": "host" if open_ and not seat.namespace else "wire",
                        "tcp": ports.get("tcp", []),
                        "udp": ports.get("udp", []),
                        "echo": "icmp" in ports or "icmpv6" in ports,
                    }
                )
        return found

    def _check(self) -> None:
        errors = []
        for place, addresses in self.options.addresses.items():
            if place != INTERNET and place not in self.site.segments:
                valid = ", ".join((*self.site.segments, INTERNET))
                errors.append(f"segmentation_test_addresses: {place!r} is no segment of the site. Valid: {valid}")
                continue
            for text in addresses:
                errors += self._check_address(place, text)
        if not self.seats:
            errors.append("no host takes part in this run: there is nowhere to try from")
        if errors:
            raise SegmentationError(errors)

    def _check_address(self, place: str, text: str) -> list[str]:
        where = f"segmentation_test_addresses.{place}"
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return [f"{where}: {text!r} is no IP address"]
        if text in self.site.owners:
            return [f"{where}: {text} is {self.site.owners[text].host}'s; name one that nobody has"]
        inside = [name for name in self.site.segments if any(address in net for net in self.site.networks(name))]
        if inside != ([] if place == INTERNET else [place]):
            return [f"{where}: {text} lies in {' and '.join(inside) or 'no segment'}"]
        return []

    def _control(self) -> dict[str, Any] | None:
        """The way that is opened on purpose: between two segments that have hosts, through a gateway that has both."""
        best: tuple[int, dict[str, Any]] | None = None
        for seat in self.seats:
            for target in (end for end in self.targets if not seat.namespace and end.host in self._present):
                gateway = self._between(seat.place, target)
                if gateway is None or target.host is None:
                    continue
                ends = [(mine, end) for mine, end in self.pairs(seat) if end.host == target.host]
                port = self._closed_port(ends)
                echo = all(self.intent.flow(mine, end, self._echo(end), 0) is None for mine, end in ends)
                if port is None or not echo:
                    continue
                classes = self.site.segments[seat.place]["class"], self.site.segments[target.segment]["class"]
                rank = len(ends) + (classes[1] == "card_data") + (classes[0] == "client")
                if best is None or rank > best[0]:
                    entries = [
                        {"address": end.address, "way": "wire", "tcp": [port], "udp": [port], "echo": True}
                        for _mine, end in ends
                    ]
                    best = (
                        rank,
                        {
                            "gateway": gateway,
                            "host": seat.runs_on,
                            "place": seat.place,
                            "target": target.host,
                            "port": port,
                            "ends": [{"source": mine.address, "target": end.address} for mine, end in ends],
                            "probes": [
                                {
                                    "place": seat.place,
                                    "sources": [end.address for end in seat.ends],
                                    "namespace": False,
                                    "targets": entries,
                                }
                            ],
                        },
                    )
        return None if best is None else best[1]

    def _between(self, place: str, target: End) -> str | None:
        """The gateway that has a leg in both segments."""
        host = self.site.hosts[target.host or ""]
        if host.is_gateway or place == target.segment:
            return None
        both = (gw for gw in self.site.gateways if {place, target.segment} <= set(gw.legs) and gw.name in self._present)
        return next((gateway.name for gateway in both), None)

    def _closed_port(self, ends: list[tuple[End, End]]) -> int | None:
        first = self.options.control_port
        for port in range(first, min(first + 50, 65536)):
            flows = (self.intent.flow(mine, end, kind, port) for mine, end in ends for kind in ("tcp", "udp"))
            if port not in (*self.tcp, *self.udp) and not any(flows):
                return port
        return None

    @staticmethod
    def _echo(end: End) -> str:
        return "icmpv6" if end.version == 6 else "icmp"
