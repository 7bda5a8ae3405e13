# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``dconf_effective``: settings of desktops as a user without settings of the own gets them.

Parameters: ``keys``: paths such as /org/gnome/desktop/session/idle-delay. Observes ``values`` (key -> value as dconf
writes it, empty when not set) and ``unlocked`` (those of the keys that a user may change).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask dconf: one call lists all locks, one dump all values below /."""
    keys = [str(key) for key in params["keys"]]
    surroundings = ("env", "HOME=/nonexistent", "XDG_CONFIG_HOME=/nonexistent", "XDG_RUNTIME_DIR=/nonexistent", "dconf")
    locked = set(host.run(*surroundings, "list-locks", "/").stdout.split())
    values = dict.fromkeys(keys, "")
    folder = ""
    for line in host.run(*surroundings, "dump", "/").stdout.splitlines():
        if line.startswith("["):
            folder = f"/{line.strip('[]')}/".replace("//", "/")
        elif "=" in line:
            name, value = line.split("=", 1)
            if folder + name in values:
                values[folder + name] = value
    return Observation({"values": values, "unlocked": [key for key in keys if key not in locked]}, "dconf dump /")
