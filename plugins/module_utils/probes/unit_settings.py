# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``unit_settings``: how systemd would run a unit and in which order.

Parameters: ``unit``. Observes ``exec_start`` and ``exec_start_pre`` (the first command line of each, text), ``before``,
``after`` and ``drop_ins`` (sorted lists), ``default_dependencies`` and ``reload_needed`` (the files on disk are newer
than what systemd holds).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_PROPERTIES = "ExecStart,ExecStartPre,Before,After,DropInPaths,DefaultDependencies,NeedDaemonReload"


def _command(shown: str) -> str:
    # A command line may hold "; " itself: what ends it is the next property of systemd's record.
    found = re.search(r"argv\[\]=(.*?) ; ignore_errors=", shown)
    return found[1] if found else ""


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask systemd."""
    unit = str(params["unit"])
    done = host.run("systemctl", "show", f"--property={_PROPERTIES}", "--", unit)
    if done.rc != 0:
        raise NotObservable(f"systemctl show {unit}: {done.stderr.strip() or done.rc}")
    pairs = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return Observation(
        {
            "exec_start": _command(pairs.get("ExecStart", "")),
            "exec_start_pre": _command(pairs.get("ExecStartPre", "")),
            "before": sorted(pairs.get("Before", "").split()),
            "after": sorted(pairs.get("After", "").split()),
            "drop_ins": sorted(pairs.get("DropInPaths", "").split()),
            "default_dependencies": pairs.get("DefaultDependencies") == "yes",
            "reload_needed": pairs.get("NeedDaemonReload") == "yes",
        },
        f"systemctl show {unit}",
    )
