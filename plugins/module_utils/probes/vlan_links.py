# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``vlan_links``: the tagged interfaces as the kernel has them.

Parameters: ``links`` (interface -> ``parent`` and ``id``) and ``addresses`` (interface -> list of addresses with prefix
lengths). Observes ``lacking`` (interfaces that are missing or of another VLAN or port, and addresses that are not on
theirs). Not applicable in a container whose kernel has no 802.1Q.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel."""
    if host.in_container and not os.path.exists(host.at("/proc/net/vlan")):
        raise NotApplicable("this is a container, and its kernel has no 802.1Q: tagged interfaces cannot be made here")
    shown = json.loads(host.run("ip", "-j", "-d", "address", "show").stdout or "[]")
    found = {link.get("ifname"): link for link in shown}
    lacking = []
    for name, wanted in dict(params["links"]).items():
        link = found.get(name, {})
        made = (link.get("link"), link.get("linkinfo", {}).get("info_data", {}).get("id"))
        if made != (wanted["parent"], wanted["id"]):
            lacking.append(name)
            continue
        carried = {f"{item.get('local')}/{item.get('prefixlen')}" for item in link.get("addr_info", ())}
        lacking += [f"{name} {text}" for text in params["addresses"].get(name, ()) if text not in carried]
    return Observation({"lacking": sorted(lacking)}, "ip -d address show")
