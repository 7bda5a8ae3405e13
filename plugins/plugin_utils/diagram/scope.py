# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which segments and hosts hold card data, and which are connected to them: what an assessor asks of a picture first.

Connected is what opens or answers a connection with a host or segment that holds card data, what routes for one, and
what shares a segment with one: inside a segment nothing of ours stands between two hosts but their own firewalls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CARD_DATA, CONNECTED, OTHER = "card_data", "connected", "other"
WORDS = {
    CARD_DATA: "holds card data",
    CONNECTED: "connected to card data",
    OTHER: "no flow to or from card data",
}


@dataclass(frozen=True)
class Scope:
    """The names of segments and hosts by what they have to do with card data."""

    card_segments: frozenset[str]
    card_hosts: frozenset[str]
    connected_segments: frozenset[str]
    connected_hosts: frozenset[str]

    def of_segment(self, name: str) -> str:
        """What a segment has to do with card data."""
        if name in self.card_segments:
            return CARD_DATA
        return CONNECTED if name in self.connected_segments else OTHER

    def of_host(self, name: str) -> str:
        """What a host has to do with card data."""
        if name in self.card_hosts:
            return CARD_DATA
        return CONNECTED if name in self.connected_hosts else OTHER


def scope_of(
    segments: Mapping[str, Mapping[str, Any]],
    flows: Iterable[Mapping[str, Any]],
    hosts: Mapping[str, Mapping[str, Any]],
    *,
    every: str,
) -> Scope:
    """The scope of a site. ``every`` is the end that means all hosts."""
    home = {name: str(host.get("segment", "")) for name, host in hosts.items()}
    card_hosts = {name for name, host in hosts.items() if host.get("class") == CARD_DATA}
    card_segments = {name for name, segment in segments.items() if segment.get("class") == CARD_DATA}
    card_hosts |= {name for name in hosts if home[name] in card_segments and "class" not in hosts[name]}
    holding = card_segments | {home[name] for name in card_hosts}
    card_ends = holding | card_hosts
    if card_hosts:
        card_ends |= {every}
    near: set[str] = set()
    for flow in flows:
        sources, targets = set(flow["from"]), set(flow["to"])
        if sources & card_ends:
            near |= targets
        if targets & card_ends:
            near |= sources
    near.discard(every)
    near |= {
        name for name, host in hosts.items() if any(leg["segment"] in holding for leg in host.get("interfaces", ()))
    }
    near_segments = (near & set(segments)) | holding
    connected_hosts = {name for name in hosts if name in near or home[name] in near_segments}
    # Whoever shares a segment with a connected host can reach it as freely as its firewall lets in.
    connected_segments = near_segments | {home[name] for name in near & set(hosts) - _routers(hosts)}
    return Scope(
        card_segments=frozenset(card_segments),
        card_hosts=frozenset(card_hosts),
        connected_segments=frozenset(connected_segments - card_segments),
        connected_hosts=frozenset(connected_hosts - card_hosts),
    )


def _routers(hosts: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {name for name, host in hosts.items() if "gateway" in host.get("kinds", ())}
