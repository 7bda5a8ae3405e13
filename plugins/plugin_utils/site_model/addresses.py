# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subnets and addresses: which segment an address lies in, what overlaps, what is there twice."""

from __future__ import annotations

import bisect
import ipaddress
from collections.abc import Iterable

from .model import Address, Network
from .problems import Path, Problems, path_text

# Space that is never "the internet": private, shared, loopback, link-local, multicast and reserved addresses.
NOT_INTERNET: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)


def read_address(text: str, path: Path, problems: Problems, version: int | None = None) -> Address | None:
    """An address from its text; None with a problem noted. ``version`` demands IPv4 (4) or IPv6 (6)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        hint = ""
        if "/" in text:
            hint = "; an address has no prefix length, the segment's subnets say it"
        problems.add(path, f"expected an IP address, found {text!r}{hint}")
        return None
    if "%" in text:
        problems.add(path, f"expected an IP address without a zone, found {text!r}")
        return None
    if version is not None and address.version != version:
        other = "address6" if address.version == 6 else "address"
        problems.add(path, f"expected an IPv{version} address, found {text!r}; an IPv{address.version} goes to {other}")
        return None
    return address


def read_subnet(text: str, path: Path, problems: Problems) -> Network | None:
    """A segment's subnet from its text; None with a problem noted."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        try:
            hint = f", did you mean {ipaddress.ip_network(text, strict=False)}?"
        except ValueError:
            hint = "; write it as 10.60.10.0/24 or fd60:0:0:10::/64"
        problems.add(path, f"{text!r} is no subnet{hint}")
        return None
    unusable = network.is_multicast or network.is_loopback or network.is_link_local or network.is_unspecified
    if unusable or network.prefixlen < 3:
        problems.add(path, f"{network} can't be a segment's subnet: hosts have no addresses of their own in it")
        return None
    return network


class SubnetIndex:
    """The subnets of all segments in order, for look-ups by address in logarithmic time."""

    def __init__(self, subnets: Iterable[tuple[Network, str, Path]], problems: Problems) -> None:
        """``subnets``: (network, its segment's name, its key path). Overlapping ones are noted and left out."""
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._entries: dict[int, list[tuple[Network, str]]] = {4: [], 6: []}
        last: dict[int, tuple[Network, Path]] = {}
        ordered = sorted(
            subnets, key=lambda entry: (entry[0].version, int(entry[0].network_address), entry[0].prefixlen)
        )
        for network, segment, path in ordered:
            before = last.get(network.version)
            if before is not None and _reaches(before[0], network):
                message = f"{network} overlaps {before[0]} ({path_text(before[1])}); subnets must not overlap"
                problems.add(path, message)
                continue
            last[network.version] = (network, path)
            self._starts[network.version].append(int(network.network_address))
            self._entries[network.version].append((network, segment))

    def segment_of(self, address: Address) -> str | None:
        """The segment whose subnet holds an address."""
        at = bisect.bisect_right(self._starts[address.version], int(address)) - 1
        if at < 0:
            return None
        network, segment = self._entries[address.version][at]
        return segment if int(address) <= int(network.broadcast_address) else None

    def overlapping(self, network: Network) -> str | None:
        """A segment that a network shares addresses with."""
        within = self.segment_of(network.network_address)
        if within is not None:
            return within
        at = bisect.bisect_right(self._starts[network.version], int(network.network_address))
        if at < len(self._starts[network.version]) and self._starts[network.version][at] <= int(
            network.broadcast_address
        ):
            return self._entries[network.version][at][1]
        return None


def whole(address: Address) -> Network:
    """The network of one address only."""
    if address.version == 4:
        return ipaddress.IPv4Network((int(address), 32))
    return ipaddress.IPv6Network((int(address), 128))


def text_of(network: Network) -> str:
    """A network as a rule shows it: one address without its /32 or /128."""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def without_covered(networks: Iterable[Network]) -> list[Network]:
    """The networks in order of address, IPv4 first, without those that another of them covers.

    Neighbours are not merged: a reviewer shall find the site's own subnets in a rule.
    """
    kept: list[Network] = []
    for network in sorted(set(networks), key=lambda item: (item.version, int(item.network_address), item.prefixlen)):
        covered = kept and kept[-1].version == network.version and _reaches(kept[-1], network)
        if not covered:
            kept.append(network)
    return kept


def _reaches(wide: Network, narrow: Network) -> bool:
    """Whether a network reaches to the start of one that begins at the same place or later."""
    return int(narrow.network_address) <= int(wide.broadcast_address)


def unusable_reason(address: Address, networks: Iterable[Network]) -> str | None:
    """Why an address can't be a host's within these subnets; None when it can."""
    around = next((network for network in networks if address in network), None)
    if around is None:
        return "outside"
    if around.version == 4 and around.prefixlen <= 30 and address == around.broadcast_address:
        return f"is the broadcast address of {around}"
    spare = 30 if around.version == 4 else 126
    if around.prefixlen <= spare and address == around.network_address:
        return f"is the {'network' if around.version == 4 else 'subnet router anycast'} address of {around}"
    return None
