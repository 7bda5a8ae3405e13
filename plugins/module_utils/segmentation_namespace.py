# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away network namespace on a gateway that stands for a machine of a segment.

It hangs on the gateway by a pair of virtual interfaces and has an address of the segment that nobody uses. The
namespace belongs to a child process; when that ends, however it ends, the kernel removes the namespace, the interfaces
and the routes.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
from collections.abc import Iterable
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._vlan_sources import PROBING
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_prober import Hop, ProbeError, version

_NEW_NETWORK = 0x40000000
_INSIDE = f"{PROBING}-probe"


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise ProbeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _unused(addresses: Iterable[str]) -> None:
    """Raise ProbeError when the gateway knows somebody at one of these addresses."""
    known = {entry.get("dst") for entry in json.loads(_ip("-j", "neigh", "show") or "[]") if "lladdr" in entry}
    taken = sorted(known & set(addresses))
    if taken:
        raise ProbeError(f"{' and '.join(taken)} is in use; name another address in segmentation_test_addresses")


class Namespace:
    """One namespace whose work has begun; :meth:`result` waits for it."""

    def __init__(self, number: int, addresses: list[str], work: Callable[[Hop], Any], *, seconds: int) -> None:
        """``work`` runs inside and gets the hop that leads to everything. ``seconds``: then the kernel ends it."""
        _unused(addresses)
        self._outside = f"{PROBING}{number}"
        ready, self._from_child = os.pipe(), os.pipe()
        go = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                signal.alarm(seconds)
                self._child(addresses, work, ready[1], go[0])
            finally:
                os._exit(0)
        for end in (ready[1], go[0], self._from_child[1]):
            os.close(end)
        try:
            if os.read(ready[0], 1) != b"+":
                raise ProbeError("this host lets nobody make a network namespace")
            self._connect(addresses)
            os.write(go[1], _mac(self._outside))
        except (ProbeError, OSError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            raise
        finally:
            os.close(ready[0])
            os.close(go[1])

    def _connect(self, addresses: list[str]) -> None:
        _ip("link", "add", self._outside, "type", "veth", "peer", "name", _INSIDE, "netns", str(self._pid))
        _ip("link", "set", self._outside, "up")
        for address in addresses:
            whole = 128 if version(address) == 6 else 32
            _ip(f"-{version(address)}", "route", "add", f"{address}/{whole}", "dev", self._outside)

    def _child(self, addresses: list[str], work: Callable[[Hop], Any], ready: int, go: int) -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK):
                os.write(ready, b"-")
                return
            os.write(ready, b"+")
            mac = os.read(go, 6)
            if len(mac) < 6:
                return
            for address in addresses:
                whole = 128 if version(address) == 6 else 32
                more = ["nodad"] if whole == 128 else []
                _ip("address", "add", f"{address}/{whole}", "dev", _INSIDE, *more)
            _ip("link", "set", _INSIDE, "up")
            answer = {"result": work(Hop(_INSIDE, mac))}
        except (ProbeError, OSError, subprocess.SubprocessError) as error:
            answer = {"error": str(error)}
        with os.fdopen(self._from_child[1], "w", encoding="ascii") as stream:
            json.dump(answer, stream)

    def result(self) -> Any:
        """What the work gave. Raises ProbeError."""
        with os.fdopen(self._from_child[0], encoding="ascii") as stream:
            text = stream.read()
        os.waitpid(self._pid, 0)
        answer = json.loads(text) if text else {"error": "the probing in a namespace ended without a result"}
        if "error" in answer:
            raise ProbeError(answer["error"])
        return answer["result"]


def _mac(interface: str) -> bytes:
    (entry,) = json.loads(_ip("-j", "link", "show", interface))
    return bytes.fromhex(entry["address"].replace(":", ""))
