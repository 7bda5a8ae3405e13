# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``link_addresses``: which addresses interfaces carry, link-local ones among them.

Parameters: ``links`` (names). Observes ``addresses``, a sorted list of ``NAME ADDRESS/LENGTH``. An interface that is
not there carries none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel."""
    names = set(params["links"])
    shown = json.loads(host.run("ip", "-j", "address", "show").stdout or "[]")
    found = [
        f"{link['ifname']} {item.get('local')}/{item.get('prefixlen')}"
        for link in shown
        if link.get("ifname") in names
        for item in link.get("addr_info", ())
        if "local" in item
    ]
    return Observation({"addresses": sorted(found)}, "ip address show")
