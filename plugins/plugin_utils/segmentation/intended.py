# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tries are meant to get through: read from the flows by the names that people wrote, not from what the firewall
rules have become. So a rule that is wider than its flow shows.

Administration is the exception: the inventory has it as the rule ``administration-ssh`` of each host only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .site import INTERNET, End, SiteView


class Opening(NamedTuple):
    """Ports of a protocol that are meant to be open, and the flow that says so. Protocols without ports have port 0."""

    protocol: str
    first: int
    last: int
    flow: str


class Intent:
    """What a site means to be open."""

    def __init__(self, site: SiteView) -> None:
        self._site = site
        self._known: dict[tuple[End, End], list[Opening]] = {}

    def openings(self, source: End, target: End) -> list[Opening]:
        """All that one address may open at another."""
        key = (source, target)
        if key not in self._known:
            found = []
            if source.version == target.version and (source.host is None or source.host != target.host):
                for flow in self._site.flows:
                    if self._names(flow, source, target):
                        found += _openings(flow)
                found += self._administration(source, target)
            self._known[key] = found
        return self._known[key]

    def flow(self, source: End, target: End, protocol: str, port: int) -> str | None:
        """The flow that means a try to get through; None when none does."""
        for opening in self.openings(source, target):
            if opening.protocol in ("any", protocol) and opening.first <= port <= opening.last:
                return opening.flow
        return None

    def _names(self, flow: Mapping[str, Any], source: End, target: End) -> bool:
        return any(self._covers(name, source) for name in flow["from"]) and any(
            self._covers(name, target) and self._answers_there(flow, name, target) for name in flow["to"]
        )

    def _covers(self, name: str, end: End) -> bool:
        if name == INTERNET:
            return end.segment == INTERNET
        if name in self._site.hosts:
            return end.host == name
        if name in self._site.segments:
            # A gateway's leg in a further segment is the gateway's, not the segment's.
            host = self._site.hosts.get(end.host or "")
            return end.segment == name and (host is None or host.segment == name)
        try:
            return ipaddress.ip_address(end.address) in ipaddress.ip_network(name)
        except ValueError:
            return False

    def _answers_there(self, flow: Mapping[str, Any], name: str, target: End) -> bool:
        """A host that filters for a segment answers at its leg there, or else in its own segment."""
        host = self._site.hosts.get(name)
        if not flow.get("derived") or host is None:
            return True
        return target.segment == next((place for place in flow["from"] if host.legs.get(place)), host.segment)

    def _administration(self, source: End, target: End) -> Iterable[Opening]:
        seat = self._site.hosts.get(source.host or "")
        if target.host is None or source.segment == INTERNET or (seat is not None and seat.is_gateway):
            return
        address, there = ipaddress.ip_address(source.address), ipaddress.ip_address(target.address)
        for rule in self._site.hosts[target.host].administration:
            sides = (rule.get("source"), address), (rule.get("destination"), there)
            if all(texts and any(ip in ipaddress.ip_network(text) for text in texts) for texts, ip in sides):
                yield from _openings({**rule, "name": "administration-ssh"})


def _openings(flow: Mapping[str, Any]) -> list[Opening]:
    bounds = [str(port).partition("-") for port in flow.get("ports") or ()]
    if not bounds:
        return [Opening(flow["protocol"], 0, 65535, flow["name"])]
    return [Opening(flow["protocol"], int(first), int(last or first), flow["name"]) for first, _dash, last in bounds]
