# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the probes of a segmentation test and hears the answers. Nothing is sent to an address that is not listed.

A probe leaves in one of two ways. ``wire``: straight onto the link, past this host's own firewall, as from a machine
that somebody has taken over; what the gateway makes of it is what segmentation means. ``host``: through the host's own
firewall, for what has to work.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_packets as packets
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_packets import Try

_ETH_P_ALL = 3
_KINDS = {4: 0x0800, 6: 0x86DD}
ATTEMPTS = 2
#: Seconds for the last answers.
PATIENCE = 1.0


class ProbeError(Exception):
    """The probing cannot be done: one sentence for the user."""


@dataclass
class Outcome:
    """What became of the tries, as the prober knows it."""

    answers: dict[Try, str] = field(default_factory=dict)
    blocked: set[Try] = field(default_factory=set)  # by this host's own firewall
    unsent: set[Try] = field(default_factory=set)  # no way there, or no time left
    packets: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Hop:
    """The next machine on the way to a target."""

    interface: str
    mac: bytes


def version(address: str) -> int:
    """4 or 6."""
    return 6 if ":" in address else 4


def tries_of(targets: Iterable[Mapping[str, Any]]) -> dict[Try, str]:
    """Every try of a list of targets and its way: wire or host."""
    found: dict[Try, str] = {}
    for target in targets:
        address = str(target["address"])
        for protocol in ("tcp", "udp"):
            for port in target.get(protocol) or ():
                found[Try(address, protocol, int(port))] = target["way"]
        if target.get("echo"):
            found[Try(address, "icmpv6" if version(address) == 6 else "icmp", 0)] = target["way"]
    return found


def _ip(*words: str, stdin: str = "") -> str:
    done = subprocess.run(["ip", *words], input=stdin, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout


def hops_to(addresses: Iterable[str]) -> dict[str, Hop]:
    """The next hops of targets by their address; those without one are missing. Asks the kernel, for all at once."""
    wanted = sorted(set(addresses))
    answer = _ip("-o", "-force", "-batch", "-", stdin="".join(f"route get {address}\n" for address in wanted))
    ways: dict[str, tuple[str, str]] = {}
    for line in answer.splitlines():
        words = line.split()
        if not words or words[0] not in wanted or "dev" not in words:
            continue
        device = words[words.index("dev") + 1]
        via = words[words.index("via") + 1] if "via" in words else words[0]
        ways[words[0]] = (via, device)
    known = _neighbours(set(ways.values()))
    return {address: Hop(way[1], known[way]) for address, way in ways.items() if way in known}


def _neighbours(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The link addresses of next hops; the kernel asks for those that it does not know."""
    found: dict[tuple[str, str], bytes] = {}
    end = time.monotonic() + 4
    while True:
        for entry in json.loads(_ip("-j", "neigh", "show") or "[]"):
            key = (str(entry.get("dst")), str(entry.get("dev")))
            if key in wanted and "lladdr" in entry and "FAILED" not in entry.get("state", []):
                found[key] = bytes.fromhex(entry["lladdr"].replace(":", ""))
        missing = wanted - set(found)
        if not missing or time.monotonic() > end:
            return found
        _ip("-force", "-batch", "-", stdin="".join(f"neigh replace {to} dev {device} use\n" for to, device in missing))
        time.sleep(0.25)


class Prober:
    """Tries a list once; see :meth:`run`."""

    def __init__(self, sources: Iterable[str], nonce: int, *, rate: int, hops: Mapping[str, Hop] | None = None) -> None:
        """``sources``: this host's addresses, the first of each IP version is used. ``hops``: known next hops."""
        self.nonce = nonce
        self.own_port = 61000 + (nonce >> 1) % 4000 + (nonce & 1)
        self.outcome = Outcome()
        self._sources: dict[int, str] = {}
        for address in sources:
            self._sources.setdefault(version(address), address)
        self._pause = 1.0 / rate
        self._hops = hops
        self._raw: dict[tuple[int, str], socket.socket] = {}
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        packets.attach(self._wire, packets.answers_only(nonce, self.own_port))
        self._wire.setblocking(False)

    def run(self, tries: Mapping[Try, str], *, time_limit: float) -> Outcome:
        """Send every try, those without an answer once more, and hear the answers."""
        started = time.monotonic()
        end = started + time_limit
        if self._hops is None:
            self._hops = hops_to(wanted.target for wanted, way in tries.items() if way == "wire")
        for _attempt in range(ATTEMPTS):
            for wanted, way in tries.items():
                if wanted in self.outcome.answers:
                    continue
                if time.monotonic() >= end:
                    if _attempt == 0:
                        self.outcome.unsent.add(wanted)
                    continue
                self._send(wanted, way)
                self._hear(self._pause)
            self._hear(PATIENCE)
        self.outcome.seconds = time.monotonic() - started
        self._wire.close()
        for sock in self._raw.values():
            sock.close()
        return self.outcome

    def _send(self, wanted: Try, way: str) -> None:
        source = self._sources.get(version(wanted.target))
        if source is None:
            self.outcome.unsent.add(wanted)
            return
        load = packets.segment(source, wanted, nonce=self.nonce, own_port=self.own_port)
        try:
            if way == "host":
                self._through_host(source, wanted, load)
            elif not self._onto_wire(source, wanted, load):
                self.outcome.unsent.add(wanted)
                return
            self.outcome.packets += 1
        except PermissionError:
            self.outcome.blocked.add(wanted)
        except OSError:
            self.outcome.unsent.add(wanted)

    def _through_host(self, source: str, wanted: Try, load: bytes) -> None:
        key = (version(wanted.target), wanted.protocol)
        if key not in self._raw:
            family = socket.AF_INET6 if key[0] == 6 else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_RAW, packets.NUMBERS[wanted.protocol])
            sock.bind((source, 0))
            # It is there to send only.
            packets.attach(sock, ((0x06, 0, 0, 0),))
            self._raw[key] = sock
        self._raw[key].sendto(load, (wanted.target, 0))

    def _onto_wire(self, source: str, wanted: Try, load: bytes) -> bool:
        hop = (self._hops or {}).get(wanted.target)
        if hop is None:
            return False
        data = packets.packet(source, wanted.target, wanted.protocol, load)
        self._wire.sendto(data, (hop.interface, _KINDS[version(wanted.target)], 0, 0, hop.mac))
        return True

    def _hear(self, seconds: float) -> None:
        """Read answers for some time."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._wire], [], [], left)[0]:
                return
            with contextlib.suppress(BlockingIOError):
                data, (_interface, _kind, direction, *_rest) = self._wire.recvfrom(2048)
                answer = packets.answer_in(data, self.nonce, self.own_port) if direction != 4 else None
                if answer is not None:
                    self._answered(*answer)

    def _answered(self, wanted: Try, how: str) -> None:
        if self.outcome.answers.get(wanted) in ("open", "refused"):
            return
        self.outcome.answers[wanted] = how
        if wanted.protocol == "tcp" and how == "open":
            source = self._sources[version(wanted.target)]
            load = packets.farewell(source, wanted, nonce=self.nonce, own_port=self.own_port)
            with contextlib.suppress(OSError):
                # Whichever way the probe went: a listener must not wait for us.
                if not self._onto_wire(source, wanted, load):
                    self._through_host(source, wanted, load)


def told(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a module returns it."""
    return {
        "answers": [[*wanted, how] for wanted, how in sorted(outcome.answers.items())],
        "blocked": [list(wanted) for wanted in sorted(outcome.blocked)],
        "unsent": [list(wanted) for wanted in sorted(outcome.unsent)],
        "packets": outcome.packets,
        "seconds": round(outcome.seconds, 2),
    }
