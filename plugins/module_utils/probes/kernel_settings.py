# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``kernel_settings``: settings of the kernel as they are in force.

Parameters: ``settings`` (path below /proc/sys -> value as text). Observes ``differing``, a sorted list of
``PATH=VALUE`` for those that have another value, and without a value for those that are not there. Not applicable in a
container, where they cannot be set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read them."""
    if host.in_container:
        raise NotApplicable("this is a container: settings of the kernel belong to its host")
    differing = []
    for path, wanted in dict(params["settings"]).items():
        text = host.read(f"/proc/sys/{path}")
        value = None if text is None else " ".join(text.split())
        if value != str(wanted):
            differing.append(path if value is None else f"{path}={value}")
    return Observation({"differing": sorted(differing)}, "/proc/sys")
