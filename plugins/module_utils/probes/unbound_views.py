# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``unbound_views``: which names unbound answers to whom.

Parameters: ``views``: their names; ``path``: read the views from this file instead. Observes ``open`` ("VIEW NAME TYPE"
for every zone that is looked up, sorted) and ``rest`` ("VIEW TYPE": what becomes of all other names, sorted).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation

#: Types of zones that never lead to a question to another name server.
_CLOSED = frozenset(
    (
        "static",
        "deny",
        "refuse",
        "redirect",
        "always_refuse",
        "always_nxdomain",
        "always_deny",
        "always_nodata",
        "always_null",
    )
)


def _running(host: Host, view: str) -> list[tuple[str, str]]:
    """(zone, type) of each zone of a view of the running unbound."""
    done = host.run("unbound-control", "view_list_local_zones", view, needs_root=True)
    said = done.stdout + done.stderr
    if "connect" in said and done.rc != 0:
        raise NotApplicable("no resolver answers here, so it tells nobody anything; its own check says so")
    if done.rc != 0 or said.startswith("error"):
        raise NotObservable(f"unbound-control view_list_local_zones {view}: {said.strip()}")
    lines = (line.rpartition(" ") for line in done.stdout.splitlines())
    return [(name, kind) for name, _blank, kind in lines]


def _written(text: str) -> dict[str, list[tuple[str, str]]]:
    """The zones of each view that a configuration file has."""
    views: dict[str, list[tuple[str, str]]] = {}
    zones: list[tuple[str, str]] = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].replace('"', "").split()
        if words and words[0].endswith(":") and len(words) == 1:
            zones = []
        elif words[:1] == ["name:"] and len(words) == 2:
            views[words[1]] = zones
        elif words[:1] == ["local-zone:"] and len(words) == 3:
            zones.append((words[1], words[2]))
    return views


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask unbound for the zones of its views, or read them."""
    opened, rest = [], []
    path = params.get("path")
    written = _written(host.read(str(path)) or "") if path else {}
    for view in params["views"]:
        for name, kind in written.get(str(view), []) if path else _running(host, str(view)):
            if name == ".":
                rest.append(f"{view} {kind}")
            elif kind not in _CLOSED:
                opened.append(f"{view} {name} {kind}")
    source = str(path) if path else "unbound-control view_list_local_zones"
    return Observation({"open": sorted(opened), "rest": sorted(rest)}, source)
