# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``timed_job``: a job that a systemd timer starts: whether it is due in time and how its last run ended.

Parameters: ``timer`` and ``service`` (units; the service is what does the job), ``job`` (the name under which the
service writes down its runs), ``folder`` (where: ``JOB.result`` holds systemd's word for how the last run ended,
``JOB.ok`` the seconds since the epoch of the last good one), ``max_age_hours``. Observes ``timer_enabled``,
``timer_active``, ``starts`` (what the timer starts), ``next_hours`` (until then; null), ``waits_for`` (the services
without whose success the service does not start), ``last_result`` (success, exit-code …; never), ``last_success`` (ISO
8601, null) and ``overdue``: the last good run is too long ago. A job that never ran is due from the time its timer was
put in place; with ``first_hours`` the check has no meaning before that many hours have gone by since (or before
``max_age_hours``, while it runs), and after that the job is overdue.
"""

from __future__ import annotations

import calendar
import os
import re
import time
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation

_TIMER = "UnitFileState,ActiveState,Unit,NextElapseUSecRealtime,FragmentPath"


def _show(host: Host, unit: str, properties: str) -> dict[str, str]:
    done = host.run("systemctl", "show", f"--property={properties}", "--", unit)
    if done.rc != 0:
        raise NotObservable(f"systemctl show {unit}: {done.stderr.strip() or done.rc}")
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def _hours_until(text: str, now: float) -> float | None:
    """The hours until a time as systemd prints it (``Sun 2026-11-22 12:43:11 UTC``)."""
    found = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC$", text)
    if not found:
        return None
    return round((calendar.timegm(time.strptime(found[1], "%Y-%m-%d %H:%M:%S")) - now) / 3600, 1)


def _changed(host: Host, path: str) -> float | None:
    if not path:
        return None
    try:
        return os.stat(host.at(path)).st_mtime
    except OSError:
        return None


def _put_in_place(host: Host, timer: str, folder: str) -> float | None:
    """Since when there is such a job: editing its timer does not make it new."""
    times = [seen for seen in (_changed(host, timer), _changed(host, folder)) if seen is not None]
    return min(times, default=None)


def _not_yet(params: Mapping[str, Any], since: float | None, now: float, runs: bool) -> str | None:
    """Why nothing can be said yet of a job that never ran, None when it should have run."""
    if since is None or "first_hours" not in params:
        return None
    due = since + float(params["max_age_hours" if runs else "first_hours"]) * 3600
    if now < since - 3600 or now > due:
        return None
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due))
    state = "runs for the first time" if runs else "has not run yet"
    return f"{params['job']} {state}: it is due by {at}, and red then"


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask systemd, and read what the job wrote down."""
    timer, folder, job = str(params["timer"]), str(params["folder"]), str(params["job"])
    shown = _show(host, timer, _TIMER)
    service = _show(host, str(params["service"]), "Requires,After,ActiveState")
    result = (host.read(f"{folder}/{job}.result") or "never").strip()
    good = (host.read(f"{folder}/{job}.ok") or "").strip()
    last = float(good) if re.fullmatch(r"\d{1,11}", good) else None
    since = last if last is not None else _put_in_place(host, shown.get("FragmentPath", ""), folder)
    now = time.time()
    if last is None and result == "never":
        not_yet = _not_yet(params, since, now, service.get("ActiveState") in ("activating", "active"))
        if not_yet is not None:
            raise NotApplicable(not_yet)
    # A time in the future is no good run either; an hour is left for clocks that were put right.
    in_time = since is not None and -3600 <= now - since <= float(params["max_age_hours"]) * 3600
    on_time = in_time and (last is not None or "first_hours" not in params)
    needed = set(service.get("Requires", "").split()) & set(service.get("After", "").split())
    return Observation(
        {
            "timer_enabled": shown.get("UnitFileState") == "enabled",
            "timer_active": shown.get("ActiveState") == "active",
            "starts": shown.get("Unit", ""),
            "next_hours": _hours_until(shown.get("NextElapseUSecRealtime", ""), now),
            "waits_for": sorted(name for name in needed if name.endswith(".service")),
            "last_result": result,
            "last_success": None if last is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(last)),
            "overdue": not on_time,
        },
        f"{timer}, {folder}/{job}.result",
    )
