# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``sshd_effective``: the settings that sshd itself reads out of all its files.

Parameters: ``keys``: settings in lower case; ``needs_key``: a setting that this release of sshd must know, or the
check is not applicable. Observes each of ``keys`` with its text (texts joined by a space when there are several), false
when sshd does not know it. Settings inside Match blocks are not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask ``sshd -T``."""
    if not host.has("sshd"):
        raise NotApplicable("there is no OpenSSH server on this host")
    done = host.run("sshd", "-T", needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"sshd -T: {done.stderr.strip() or done.rc}")
    seen: dict[str, str] = {}
    for line in done.stdout.splitlines():
        key, _space, value = line.partition(" ")
        seen[key.lower()] = f"{seen[key.lower()]} {value}" if key.lower() in seen else value
    needed = str(params.get("needs_key", "")).lower()
    if needed and needed not in seen:
        raise NotApplicable(f"this release of sshd has no {needed}")
    keys = [str(key).lower() for key in params["keys"]]
    return Observation({key: seen.get(key, False) for key in keys}, "sshd -T")
