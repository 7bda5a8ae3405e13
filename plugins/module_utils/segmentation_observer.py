# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches for probes on a host while a segmentation test runs: a process of its own that ends by itself.

It sees each probe at two places. A packet socket sees what arrives on the wire (``in``) and what leaves (``out``),
before and after any firewall. Raw sockets get what the host's own firewall has accepted (``accepted``): no port has to
be opened for that, and none is. Nothing is sent.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_packets as packets

FOLDER = "/run/ringfence/segmentation"
_ETH_P_ALL = 3
_OUTGOING, _TO_HOST = 4, 0
_IP_KINDS = (0x0800, 0x86DD)
_RCVBUFFORCE = 33
_BUFFER = 1 << 23

#: Where a probe was seen: in, out or accepted.
Sighting = tuple[str, packets.Probe]


def _listen(sock: socket.socket) -> socket.socket:
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER)
    sock.setblocking(False)
    return sock


class Watch:
    """The sockets of one watch and what they have seen."""

    def __init__(self, nonce: int) -> None:
        self.nonce = nonce
        self.seen: set[Sighting] = set()
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        packets.attach(wire, packets.probes_only(nonce))
        self._sockets: dict[socket.socket, Any] = {_listen(wire): self._on_wire}
        for protocol in ("tcp", "udp", "icmp"):
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, packets.NUMBERS[protocol])
            packets.attach(raw, packets.probes_only(nonce))
            self._sockets[_listen(raw)] = self._accepted
        with contextlib.suppress(OSError):  # a host without IPv6
            for protocol in ("tcp", "udp", "icmpv6"):
                raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, packets.NUMBERS[protocol])
                packets.attach(raw, packets.segments_only(nonce, protocol))
                raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
                self._sockets[_listen(raw)] = self._accepted6(protocol)

    def run(self, seconds: float, stop: Any) -> None:
        """Watch until it is time or ``stop()``; then what has arrived already is read."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not stop():
            self._read(0.25)
        while self._read(0.0):
            pass

    def _read(self, patience: float) -> bool:
        ready = select.select(list(self._sockets), [], [], patience)[0]
        for sock in ready:
            with contextlib.suppress(BlockingIOError):
                for _turn in range(512):
                    self._sockets[sock](sock)
        return bool(ready)

    def _note(self, where: str, probe: packets.Probe | None) -> None:
        if probe is not None:
            self.seen.add((where, probe))

    def _on_wire(self, sock: socket.socket) -> None:
        data, (_interface, kind, direction, *_rest) = sock.recvfrom(2048)
        if kind in _IP_KINDS and direction in (_OUTGOING, _TO_HOST):
            self._note("out" if direction == _OUTGOING else "in", packets.probe_in(data, self.nonce))

    def _accepted(self, sock: socket.socket) -> None:
        self._note("accepted", packets.probe_in(sock.recv(2048), self.nonce))

    def _accepted6(self, protocol: str) -> Any:
        def read(sock: socket.socket) -> None:
            data, extra, _flags, sender = sock.recvmsg(2048, socket.CMSG_SPACE(20))
            for level, kind, value in extra:
                if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
                    target = socket.inet_ntop(socket.AF_INET6, struct.unpack("16sI", value)[0])
                    source = sender[0].split("%")[0]
                    self._note("accepted", packets.probe_of(source, target, protocol, data, self.nonce))

        return read


def told(seen: set[Sighting]) -> list[list[Any]]:
    """Sightings put together: [where, phase, source, target, protocol, [ports]]."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for where, probe in seen:
        found.setdefault((where, *probe[:4]), []).append(probe.port)
    return [[*key, sorted(ports)] for key, ports in sorted(found.items())]


def _paths(run: str) -> tuple[str, str]:
    return os.path.join(FOLDER, f"{run}.pid"), os.path.join(FOLDER, f"{run}.json")


def start(run: str, nonce: int, seconds: float) -> None:
    """Leave a process behind that watches; returns once it does. Raises OSError."""
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    for name in os.listdir(FOLDER):  # what runs that died left: their watches have ended by themselves
        with contextlib.suppress(OSError):
            if time.time() - os.stat(os.path.join(FOLDER, name)).st_mtime > 86400:
                os.unlink(os.path.join(FOLDER, name))
    watch = Watch(nonce)
    if os.fork() == 0:
        # From here on nothing may reach the module's own way out: its cleaning up is the parent's.
        with contextlib.suppress(BaseException):
            os.setsid()
            if os.fork() == 0:
                _serve(watch, run, seconds)
        os._exit(0)
    os.wait()
    pid_file = _paths(run)[0]
    end = time.monotonic() + 5
    while not os.path.exists(pid_file):
        if time.monotonic() > end:
            raise OSError(f"the watch did not begin: {pid_file} is missing")
        time.sleep(0.02)


def _serve(watch: Watch, run: str, seconds: float) -> None:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    pid_file, result = _paths(run)
    _write(pid_file, str(os.getpid()))
    watch.run(seconds, lambda: bool(asked))
    if asked:  # otherwise the run has died, or came too late: what it would read was not the whole
        _write(result, json.dumps(told(watch.seen)))
    os.unlink(pid_file)


def _write(path: str, text: str) -> None:
    draft = f"{path}.new"
    with open(draft, "w", encoding="ascii") as stream:
        stream.write(text)
    os.replace(draft, path)


def collect(run: str) -> dict[str, Any]:
    """End the watch: ``watched`` is whether it ran to the end, ``seen`` what it saw."""
    pid_file, result = _paths(run)
    try:
        with open(pid_file, encoding="ascii") as stream:
            os.kill(int(stream.read()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has ended by itself, or never ran
    end = time.monotonic() + 30
    while os.path.exists(pid_file) and time.monotonic() < end:
        time.sleep(0.02)
    try:
        with open(result, encoding="ascii") as stream:
            seen = json.load(stream)
    except FileNotFoundError:
        return {"watched": False, "seen": []}
    os.unlink(result)
    return {"watched": True, "seen": seen}
