# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``group_members``: who is in a local or directory group.

Parameters: ``group``. Observes ``exists`` and ``members``: the sorted login names listed in the group and of those
whose primary group it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._principals import group_people
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look the group up."""
    group = str(params["group"])
    people = group_people(host, group)
    if people is None:
        return Observation({"exists": False, "members": []}, f"getent group {group}")
    return Observation({"exists": True, "members": sorted(people)}, f"getent group {group}")
