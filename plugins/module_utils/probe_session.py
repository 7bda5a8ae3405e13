# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at this host: runs the checks and says who looked, where and when.

The answer is a JSON object: ``schema`` (1), ``started`` and ``finished`` (seconds since the epoch by this host's
clock), ``hostname``, ``os`` (PRETTY_NAME), ``kernel``, ``python``, ``root`` (whether all could be seen),
``container``, ``account`` and ``state`` (see host_state; the latter when it is asked for) and ``findings`` (see
probes.runner), masked.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from . import host_state
from .masking import clean
from .probes import runner
from .probes.base import Host, NotObservable

SCHEMA = 1


def _os_name(host: Host) -> str:
    """The name that the distribution gives itself, or nothing."""
    try:
        text = host.read("/etc/os-release") or ""
    except NotObservable:
        return ""
    for line in text.splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip().strip("\"'")
    return ""


def look(checks: Iterable[Mapping[str, Any]], host: Host | None = None, *, state: bool = False) -> dict[str, Any]:
    """Make all checks on this host and return its answer, with its accounts and ruleset when they are asked for."""
    this = host or Host()
    started = time.time()
    findings = [clean(one) for one in runner.run(checks, this)]
    more = {"state": host_state.state(this)} if state else {}
    names = os.uname()
    return {
        "schema": SCHEMA,
        "started": started,
        "finished": time.time(),
        "hostname": names.nodename,
        "os": _os_name(this),
        "kernel": names.release,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "root": this.is_root,
        "container": this.in_container,
        "account": host_state.account(this),
        **more,
        "findings": findings,
    }


def work(job: Mapping[str, Any]) -> dict[str, Any]:
    """What a host is asked by a job with ``checks`` and ``state``: see host_program."""
    return look(job["checks"], state=bool(job.get("state")))
