# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``logind_settings``: what systemd-logind works by.

Parameters: ``view``: ``server`` (the running one, also when it is left out) or ``files`` (what it would work by after a
start: of several files the last one that sets something counts). Observes ``stop_idle_seconds``: after how long it ends
an idle session, 0 for never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_MANAGER = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
#: What systemd calls infinity, in microseconds.
_NEVER = 2**64 - 1


#: The setting, and as systemd-analyze tells a time.
_LINE = re.compile(r"^\s*StopIdleSessionSec\s*=\s*(.*?)\s*$", re.MULTILINE)
_TOLD = re.compile(r"^\s*(?:μs|us): (\d+)$", re.MULTILINE)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask over the bus, or systemd for all files."""
    if params.get("view") == "files":
        return _of_files(host)
    done = host.run("busctl", "get-property", *_MANAGER, "StopIdleSessionUSec")
    match = re.fullmatch(r"t (\d+)", done.stdout.strip())
    if match is None:
        raise NotObservable(f"systemd-logind does not tell StopIdleSessionUSec: {done.stderr.strip() or done.rc}")
    return Observation({"stop_idle_seconds": _seconds(int(match[1]))}, "busctl get-property org.freedesktop.login1")


def _seconds(microseconds: int) -> float:
    return 0.0 if microseconds == _NEVER else microseconds / 1_000_000


def _of_files(host: Host) -> Observation:
    source = "systemd-analyze cat-config systemd/logind.conf"
    done = host.run("systemd-analyze", "cat-config", "systemd/logind.conf")
    if done.rc != 0:
        raise NotObservable(f"{source}: {done.stderr.strip() or done.rc}")
    told = _LINE.findall(done.stdout)
    # Nothing after the sign takes back what was set before.
    if not told or not told[-1]:
        return Observation({"stop_idle_seconds": 0.0}, source)
    spoken = host.run("systemd-analyze", "timespan", told[-1])
    match = _TOLD.search(spoken.stdout)
    if match is None:
        # systemd-logind passes by what it cannot read, and never ends a session then.
        return Observation({"stop_idle_seconds": 0.0}, source)
    return Observation({"stop_idle_seconds": _seconds(int(match[1]))}, source)
