# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``clamd``: whether the scanner answers on its socket, and who may talk to it.

Parameters: ``socket`` (default /run/clamav/clamd.ctl). Observes ``answers``, ``version`` (its own words, null without
an answer) and ``others_may_ask``: whether every account of the host may send it commands, of which one ends it.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

SOCKET = "/run/clamav/clamd.ctl"


def _ask(path: str, command: str, timeout: float) -> str | None:
    """The scanner's answer, None when nobody answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(timeout)
        try:
            stream.connect(path)
            stream.sendall(f"z{command}\0".encode())
            return stream.recv(1024).decode(errors="replace").rstrip("\0\n")
        except PermissionError as error:
            raise NotObservable(f"asking {path} needs root") from error
        except OSError:
            return None


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask it."""
    path = str(params.get("socket", SOCKET))
    try:
        mode = os.stat(host.at(path)).st_mode
    except OSError:
        return Observation({"answers": False, "version": None, "others_may_ask": False}, path)
    alive = _ask(host.at(path), "PING", host.timeout) == "PONG"
    version = _ask(host.at(path), "VERSION", host.timeout) if alive else None
    return Observation(
        {"answers": alive, "version": version, "others_may_ask": bool(mode & stat.S_IWOTH)},
        path,
    )
