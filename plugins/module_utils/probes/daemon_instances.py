# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``daemon_instances``: daemons that run beside the one that is looked after.

Parameters: ``program`` (the name of its processes), ``units`` (shell patterns of the units that it may run in) and
``title`` (a regular expression that the process' command line holds where it is a daemon, and not one that serves a
person; every process counts without). Observes ``others``, each ``UNIT: COMMAND LINE``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from . import _listeners
from .base import Host, NotObservable, Observation

#: The innermost unit of a process in the path of its control group, of either version.
_UNIT = re.compile(r"([^/\n]+\.(?:service|scope))(?=[/\n]|$)")
_LONGEST = 120


def _text(host: Host, path: str) -> str:
    """A file of a process that may end at any time."""
    try:
        return host.read(path) or ""
    except NotObservable:
        return ""


def unit_of(host: Host, pid: str) -> str:
    """The unit that a process runs in, nothing where it is in none."""
    lines = _text(host, f"/proc/{pid}/cgroup").splitlines()
    # Of version 1 systemd has a hierarchy of its own, in version 2 there is one.
    own = [line for line in lines if line.split(":", 2)[1:2] in (["name=systemd"], [""])]
    found = [name for line in own for name in _UNIT.findall(line)]
    return found[-1] if found else ""


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at every process of the name."""
    others = []
    for pid in _listeners.processes(host, str(params["program"])):
        line = " ".join(_text(host, f"/proc/{pid}/cmdline").replace("\0", " ").split())
        unit = unit_of(host, pid)
        if not re.search(str(params.get("title", "")), line):
            continue
        if not any(fnmatch.fnmatchcase(unit, pattern) for pattern in params["units"]):
            others.append(f"{unit or 'no unit'}: {line[:_LONGEST]}")
    return Observation({"others": sorted(others)}, f"/proc, processes named {params['program']}")
