# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``other_firewalls``: what decides on packets beside our tables, so that the rules are not what is in force.

Parameters: ``view``: ``running`` (tables of others in the kernel, those of iptables among them) or ``boot`` (units
that load some); ``accepted``: tables that the site knows of, a list of ``{family, name}``. Observes ``others``, one
text each. Fail2ban's table is nobody else's firewall while it refuses banned addresses and does no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _firewalls
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at the kernel's whole ruleset, or at units."""
    accepted = {(str(one["family"]), str(one["name"])) for one in params.get("accepted") or ()}
    if params.get("view") == "boot":
        return Observation({"others": _firewalls.booting(host, accepted)}, "systemctl show, files of other firewalls")
    return Observation({"others": _firewalls.running(host, accepted)}, "nft list ruleset, /proc/net/ip_tables_names")
