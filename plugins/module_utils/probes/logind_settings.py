# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``logind_settings``: what the running systemd-logind works by.

No parameters. Observes ``stop_idle_seconds``: after how long it ends an idle session, 0 for never.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_MANAGER = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
#: What systemd calls infinity, in microseconds.
_NEVER = 2**64 - 1


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask over the bus."""
    del params
    done = host.run("busctl", "get-property", *_MANAGER, "StopIdleSessionUSec")
    match = re.fullmatch(r"t (\d+)", done.stdout.strip())
    if match is None:
        raise NotObservable(f"systemd-logind does not tell StopIdleSessionUSec: {done.stderr.strip() or done.rc}")
    microseconds = int(match[1])
    seconds = 0.0 if microseconds == _NEVER else microseconds / 1_000_000
    return Observation({"stop_idle_seconds": seconds}, "busctl get-property org.freedesktop.login1")
