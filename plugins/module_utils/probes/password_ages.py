# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``password_ages``: whether the passwords of accounts age.

Parameters: ``maximum_days``, ``minimum_days``; ``exempt``: accounts that are left out. Observes ``accounts`` (how many
have a password and somebody can log in to), ``exempt`` (those of them that are left out), ``without_maximum`` (those
whose password may get older, never ages, or was changed in the future) and ``without_minimum`` (those that may change
it sooner), sorted names.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from . import _ageing
from .base import Host, Observation

_DAY = 86_400


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the account files."""
    maximum, minimum = int(params["maximum_days"]), int(params.get("minimum_days", 0))
    passwd, shadow, settings = (host.read(f"/etc/{name}") or "" for name in ("passwd", "shadow", "login.defs"))
    everybody = _ageing.with_passwords(passwd, shadow, settings)
    exempt = {str(name) for name in params.get("exempt", [])} & set(everybody)
    accounts = {name: ages for name, ages in everybody.items() if name not in exempt}
    # The day of a change is one of UTC; somebody's clock may be ahead of this host's by hours, not by days.
    latest = int(time.time() // _DAY) + 1
    endless = [
        name
        for name, ages in accounts.items()
        if ages.maximum is None or ages.maximum > maximum or ages.changed is None or ages.changed > latest
    ]
    short = [name for name, ages in accounts.items() if (ages.minimum or 0) < minimum]
    return Observation(
        {
            "accounts": len(accounts),
            "exempt": sorted(exempt),
            "without_maximum": sorted(endless),
            "without_minimum": sorted(short),
        },
        "/etc/shadow",
    )
