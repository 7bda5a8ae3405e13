# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``postgresql_auth_delay``: how long PostgreSQL waits after a wrong password, in every cluster of this host.

Parameters: ``view``: ``files`` (what the next start makes of all files) or ``server`` (what runs); ``file``: name of
the file of this collection below conf.d. Observes ``clusters``, ``not_loading`` (those without auth_delay),
``shortest_pause_milliseconds`` (over all of them) and, of the files, ``lost_libraries`` (``CLUSTER: LIBRARY`` that
other files name and the next start would not load).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _postgresql
from .base import Host, NotApplicable, Observation

LIBRARY = "auth_delay"
PAUSE = "auth_delay.milliseconds"


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the programs of the server, or the running one."""
    found = _postgresql.clusters(host)
    if not found:
        raise NotApplicable("there is no cluster of PostgreSQL on this host")
    if params.get("view") == "server":
        runs = _postgresql.online(host)
        found = [cluster for cluster in found if cluster.text in runs]
        if not found:
            raise NotApplicable("no cluster of PostgreSQL runs on this host now")
        seen = {cluster: _postgresql.running(host, cluster) for cluster in found}
        return Observation(_view(seen), "pg_settings of " + ", ".join(cluster.text for cluster in found))
    lost = []
    seen = {}
    for cluster in found:
        seen[cluster] = {name: _postgresql.as_started(host, cluster, name) for name in (_postgresql.LIBRARIES, PAUSE)}
        own = f"{cluster.folder}/conf.d/{params.get('file', '')}"
        named = _postgresql.files(host, cluster).last(_postgresql.LIBRARIES, without=own)
        loads = _postgresql.names(seen[cluster][_postgresql.LIBRARIES])
        lost += [
            f"{cluster.text}: {one}" for one in _postgresql.names(named.value if named else "") if one not in loads
        ]
    return Observation(
        {**_view(seen), "lost_libraries": lost}, "postgres -C of " + ", ".join(cluster.text for cluster in found)
    )


def _view(seen: Mapping[_postgresql.Cluster, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "clusters": [cluster.text for cluster in seen],
        "not_loading": [
            cluster.text
            for cluster, values in seen.items()
            if LIBRARY not in _postgresql.names(values.get(_postgresql.LIBRARIES, ""))
        ],
        "shortest_pause_milliseconds": min(_postgresql.milliseconds(one.get(PAUSE, "")) for one in seen.values()),
    }
