# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``kconfig_file``: what a file of the system fixes for every user of KDE.

Parameters: ``path``, ``group``, ``keys``. Observes ``values`` (key -> its text, empty when it is not there) and
``changeable`` (keys that a user may change). A ``[$i]`` after a key, after its group or above them forbids it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, Observation

_FIXED = "[$i]"


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the file as KConfig does."""
    path, keys = str(params["path"]), [str(key) for key in params["keys"]]
    values, fixed = dict.fromkeys(keys, ""), set()
    group, all_fixed, group_fixed = "", False, False
    for line in map(str.strip, (host.read(path) or "").splitlines()):
        if line.startswith("["):
            group, group_fixed = line.removesuffix(_FIXED)[1:-1], line.endswith(_FIXED)
            all_fixed = all_fixed or line == _FIXED
        elif "=" in line and not line.startswith("#") and group == str(params["group"]):
            name, value = (part.strip() for part in line.split("=", 1))
            key = name.removesuffix(_FIXED)
            # What is fixed is not even changed by a later line.
            if key in values and key not in fixed:
                values[key] = value
                if all_fixed or group_fixed or name.endswith(_FIXED):
                    fixed.add(key)
    return Observation({"values": values, "changeable": [key for key in keys if key not in fixed]}, path)
