# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured of each try: who saw its packet where, put against what was meant.

Silence alone proves nothing. A try is closed as intended only when somebody who would have seen it get through was
watching, and, across a gateway that watches, when that gateway has seen it come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .site import End, SiteView

AS_INTENDED = "as intended"
OPEN = "open but not intended"
CLOSED = "closed but needed"
NOT_TESTED = "not tested"
#: From the worst to the best.
VERDICTS = (OPEN, CLOSED, NOT_TESTED, AS_INTENDED)

#: (phase, source, target, protocol, port)
Key = tuple[int, str, str, str, int]
CONTROL_PHASE, MAIN_PHASE = 0, 1


class Verdict(NamedTuple):
    """How a try ended, which layer stopped it (or None), and what there is to say about it."""

    verdict: str
    stopped_by: str | None
    note: str = ""


class Sightings:
    """What all hosts told: where each probe was seen, and how the probers' calls ended."""

    def __init__(self) -> None:
        self.watching: set[str] = set()
        self._seen: dict[tuple[str, str], set[Key]] = {}
        self._answers: dict[tuple[int, str], str] = {}
        self._by_key: dict[Key, str] = {}
        self._blocked: set[Key] = set()
        self._unsent: set[Key] = set()
        self.tried: dict[tuple[int, str, str], str] = {}  # (phase, host, place) -> "" or why it was not tried

    def add_watch(self, host: str, answer: Mapping[str, Any]) -> None:
        """What a host saw."""
        if answer.get("watched"):
            self.watching.add(host)
        for where, phase, source, target, protocol, ports in answer.get("seen") or ():
            keys = self._seen.setdefault((host, where), set())
            keys.update((int(phase), source, target, protocol, int(port)) for port in ports)

    def add_probe(self, phase: int, host: str, told: Mapping[str, Any]) -> None:
        """What a host tells of one of its seats."""
        self.tried[phase, host, told["place"]] = str(told.get("error") or "")
        sources = {6 if ":" in address else 4: address for address in reversed(told["sources"])}

        def key(target: str, protocol: str, port: int) -> Key:
            return phase, sources[6 if ":" in target else 4], target, protocol, int(port)

        for target, protocol, port, how in told.get("answers") or ():
            self._by_key[key(target, protocol, port)] = how
        self._blocked |= {key(*wanted) for wanted in told.get("blocked") or ()}
        self._unsent |= {
            key(*wanted) for wanted in told.get("unsent") or () if (6 if ":" in wanted[0] else 4) in sources
        }

    def saw(self, host: str, where: str, key: Key) -> bool:
        """Whether a host saw a probe at one of its places: in, out, accepted."""
        return key in self._seen.get((host, where), ())

    def answer(self, key: Key) -> str:
        """How a try was answered: open, refused, rejected, or not at all."""
        return self._by_key.get(key, "")

    def blocked(self, key: Key) -> bool:
        """Whether the prober's own firewall kept it in."""
        return key in self._blocked

    def unsent(self, key: Key) -> bool:
        """Whether it was never sent."""
        return key in self._unsent


class Judge:
    """Says how each try of a run ended."""

    def __init__(self, site: SiteView, sightings: Sightings) -> None:
        self._site = site
        self._saw = sightings

    def verdict(self, phase: int, runs_on: str, ends: tuple[End, End], what: tuple[str, int], meant: bool) -> Verdict:
        """One try: ``runs_on`` is the host that made it, ``what`` its protocol and port."""
        source, target = ends
        key = (phase, source.address, target.address, *what)
        why_not = self._saw.tried.get((phase, runs_on, source.segment))
        if why_not is None:
            return Verdict(NOT_TESTED, None, f"{runs_on} gave no answer")
        if why_not:
            return Verdict(NOT_TESTED, None, why_not)
        return self._meant_open(key, runs_on, ends) if meant else self._meant_closed(key, runs_on, ends)

    # --- evidence ----------------------------------------------------------------------------------------------

    def _reached(self, key: Key, target: End) -> bool:
        """Whether the target's own firewall let it in too."""
        return self._saw.saw(target.host or "", "accepted", key) or self._saw.answer(key) in ("open", "refused")

    def _left(self, key: Key, runs_on: str, source: End) -> bool:
        return self._saw.saw(runs_on, "out" if source.host else "in", key)

    def _on_the_way(self, ends: tuple[End, End]) -> list[str]:
        """The gateways that watched and that the packet may have to cross."""
        source, target = ends
        if source.segment == target.segment:
            return []
        return [gw.name for gw in self._site.gateways if gw.name != target.host and gw.name in self._saw.watching]

    def _crossed(self, key: Key, ends: tuple[End, End]) -> bool:
        arrived = self._saw.saw(ends[1].host or "", "in", key)
        return arrived or any(self._saw.saw(name, "out", key) for name in self._on_the_way(ends))

    def _direct(self, ends: tuple[End, End]) -> bool:
        """Whether no gateway lies between them: then only the target's own firewall decides."""
        source, target = ends
        return source.segment == target.segment or self._site.hosts[target.host or ""].is_gateway

    # --- verdicts ----------------------------------------------------------------------------------------------

    def _meant_open(self, key: Key, runs_on: str, ends: tuple[End, End]) -> Verdict:
        source, target = ends
        if self._reached(key, target):
            return Verdict(AS_INTENDED, None)
        if self._saw.blocked(key):
            return Verdict(CLOSED, f"firewall of {runs_on}")
        if not self._left(key, runs_on, source):
            return Verdict(NOT_TESTED, None, "the probe was not seen to leave")
        if self._saw.saw(target.host or "", "in", key):
            return Verdict(CLOSED, f"firewall of {target.host}")
        if target.host not in self._saw.watching:
            return Verdict(NOT_TESTED, None, f"{target.host} did not watch, and did not answer")
        return Verdict(CLOSED, self._who_stopped(key, ends))

    def _meant_closed(self, key: Key, runs_on: str, ends: tuple[End, End]) -> Verdict:
        target = ends[1]
        if self._reached(key, target):
            return Verdict(OPEN, None)
        if self._crossed(key, ends):
            by = f"firewall of {target.host}"
            if self._direct(ends):
                return Verdict(AS_INTENDED, by)
            return Verdict(OPEN, by, "crosses the gateway; only the host itself stops it")
        blind = self._blind(key, runs_on, ends)
        return Verdict(NOT_TESTED, None, blind) if blind else Verdict(AS_INTENDED, self._who_stopped(key, ends))

    def _blind(self, key: Key, runs_on: str, ends: tuple[End, End]) -> str:
        """Why silence proves nothing; empty when it does."""
        source, target = ends
        if not self._left(key, runs_on, source):
            return "the probe was not seen to leave"
        if target.host not in self._saw.watching:
            return f"{target.host} did not watch, so nothing tells whether it arrived"
        ways = [] if self._direct(ends) else self._on_the_way(ends)
        if ways and not any(self._saw.saw(name, "in", key) for name in ways):
            return "the probe did not come as far as the gateway"
        if source.segment != target.segment and self._direct(ends):
            return "the probe did not come as far as the gateway that it was for"
        return ""

    def _who_stopped(self, key: Key, ends: tuple[End, End]) -> str:
        """Who dropped a packet that left its host and never arrived."""
        for name in self._on_the_way(ends):
            if self._saw.saw(name, "in", key) and not self._saw.saw(name, "out", key):
                return f"gateway {name}"
        return "on the way"
