# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which roles a host holds, and so which of them repair it: what playbooks/site.yml does for it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT

SITE_PLAYBOOK = os.path.join(COLLECTION_ROOT, "playbooks", "site.yml")
_OURS = "ringfence.callcenter."


def plays(path: str = SITE_PLAYBOOK) -> list[tuple[list[str], list[str]]]:
    """The groups and the roles of every play with roles; ValueError for hosts that are more than a list of groups."""
    with open(path, encoding="utf-8") as stream:
        listed = yaml.safe_load(stream)
    found = []
    for play in listed:
        roles = [str(one["role"] if isinstance(one, Mapping) else one) for one in play.get("roles") or []]
        roles += _imported(play.get("tasks"))
        if not roles:
            continue
        groups = str(play["hosts"]).replace(",", ":").split(":")
        if any(not group.replace("_", "").isalnum() for group in groups):
            raise ValueError(f"{path}: {play['hosts']} is more than a list of groups")
        found.append((groups, [role.removeprefix(_OURS) for role in roles]))
    return found


def _imported(tasks: Any) -> list[str]:
    """The roles that tasks bring in, those of blocks included."""
    found: list[str] = []
    for task in tasks or []:
        if "ansible.builtin.import_role" in task:
            found.append(str(task["ansible.builtin.import_role"]["name"]))
        found += _imported(task.get("block"))
    return found


def roles_of(
    host: str, groups: Mapping[str, Collection[str]], listed: Sequence[tuple[list[str], list[str]]]
) -> list[str]:
    """The roles of a host, in the order in which the plays run them."""
    found: dict[str, Any] = {}
    for names, roles in listed:
        if any(host in groups.get(name, ()) for name in names):
            found.update(dict.fromkeys(roles))
    return list(found)
