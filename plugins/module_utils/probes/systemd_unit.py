# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``systemd_unit``: the state of one unit.

Parameters: ``unit``. Observes ``load_state`` (loaded, not-found, masked …), ``active_state`` (active, inactive,
failed …), ``sub_state`` and ``unit_file_state`` (enabled, disabled, static …; empty when there is no such file).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_KEYS = {
    "LoadState": "load_state",
    "ActiveState": "active_state",
    "SubState": "sub_state",
    "UnitFileState": "unit_file_state",
}


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask systemd for the state of ``unit``."""
    unit = str(params["unit"])
    argv = ("systemctl", "show", "--property=" + ",".join(_KEYS), "--", unit)
    done = host.run(*argv)
    if done.rc != 0:
        raise NotObservable(f"systemctl show {unit}: {done.stderr.strip() or done.rc}")
    pairs = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return Observation({key: pairs.get(name, "") for name, key in _KEYS.items()}, f"systemctl show {unit}")
