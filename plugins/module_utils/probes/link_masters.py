# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``link_masters``: whether interfaces that lead to segments belong to another one, such as a bridge.

Parameters: ``bindings``: the segments, as the probe vlan_sources takes them. Observes ``enslaved``, each
``INTERFACE: MASTER``: what comes in there is handed on below the rules for packets, and from one segment to another
where both have the same master.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import _vlan_sources
from .base import Host, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel."""
    done = host.run("ip", "-j", "-d", "address", "show")
    if done.rc != 0:
        raise NotObservable(f"ip address show: {done.stderr.strip() or done.rc}")
    found, _wrong = _vlan_sources.resolved(params["bindings"], done.stdout)
    names = {one["interface"] for one in found}
    links = json.loads(done.stdout or "[]")
    enslaved = [
        f"{one['ifname']}: {one['master']}" for one in links if one.get("ifname") in names and one.get("master")
    ]
    return Observation({"enslaved": sorted(enslaved)}, "ip address show")
