# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a site: its models, and what stands beside them that is no inventory.

Ansible reads every file below a folder that is named as inventory. Beside a site model stand evidence, registers,
pictures and files for switches: ``is_output`` knows them, and ``forget_outputs`` takes out what another inventory
plugin made of them before ours was asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Any

FILE_NAME = re.compile(r"(?:.+\.)?site\.ya?ml")

# What the playbooks write beside a model, and the registers that people keep there.
OUTPUTS = ("diagrams", "evidence", "registers", "switches")

_ALWAYS_THERE = ("all", "ungrouped")


def models_in(folder: str) -> list[str]:
    """The site models in a folder, by their names, in order."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if FILE_NAME.fullmatch(name)]


def is_output(path: str) -> bool:
    """Whether a file lies in a folder that stands beside a site model and holds no inventory."""
    folder = os.path.dirname(os.path.abspath(path))
    while True:
        above, name = os.path.split(folder)
        if name in OUTPUTS and models_in(above):
            return True
        if above == folder:
            return False
        folder = above


def forget_outputs(inventory: Any, passed_over: Collection[str]) -> bool:
    """Take the hosts out of Ansible's inventory that were read from outputs, and groups that are empty then.

    passed_over: outputs of which our own plugin has read nothing.
    Returns whether outputs were read as inventories.
    """
    sources = {str(source) for source in inventory.processed_sources if source} - set(passed_over)
    read = any(is_output(source) for source in sources)
    for host in list(inventory.hosts.values()):
        file = host.vars.get("inventory_file")
        if file and is_output(str(file)):
            read = True
            inventory.remove_host(host)
    if read:
        for group in list(inventory.groups.values()):
            if group.name not in _ALWAYS_THERE and not group.get_hosts() and not group.vars:
                for parent in group.parent_groups:
                    parent.child_groups.remove(group)
                inventory.remove_group(group)
    return read
