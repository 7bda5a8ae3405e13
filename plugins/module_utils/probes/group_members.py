# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``group_members``: who is in a local or directory group.

Parameters: ``group``. Observes ``exists``, ``members``: the sorted login names listed in the group and of those whose
primary group it is, and ``people``: those of them that are no accounts of the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._principals import accounts, group_people
from .base import Host, Observation

#: User ids that Debian gives to people and to directories, but for nobody's.
_PEOPLE = [range(1000, 65534), range(65536, 2**32 - 1)]


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look the group up."""
    group = str(params["group"])
    people = group_people(host, group)
    if people is None:
        return Observation({"exists": False, "members": [], "people": []}, f"getent group {group}")
    known = accounts(host)
    # A name that cannot be listed, as of a large directory, is a person's.
    persons = [name for name in people if name not in known or any(known[name][0] in ids for ids in _PEOPLE)]
    value = {"exists": True, "members": sorted(people), "people": sorted(persons)}
    return Observation(value, f"getent group {group}")
