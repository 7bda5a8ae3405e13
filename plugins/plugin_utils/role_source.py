# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the roles as Ansible sees them: texts are templates, variables are those of the host."""

from __future__ import annotations

import contextlib
import functools
import os
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import controls, steps
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import Fill, Kept, plain

ROLES_PATH = os.path.join(COLLECTION_ROOT, "roles")
#: Files of the collection's roles that are read already.
_READ: dict[str, Any] = {}


def _read(loader: Any, path: str) -> Any:
    return loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)


def read_ahead() -> None:
    """Read the files of the collection's own roles, once for all processes that are forked from this one.

    Each worker would otherwise read them for its one host, which is a fifth of what an audit costs. What is wrong with
    a file is told by whoever needs it.
    """
    loader = DataLoader()
    for role in controls.roles_with_controls(ROLES_PATH):
        for path in controls.files_of(os.path.join(ROLES_PATH, role)):
            with contextlib.suppress(AnsibleError):
                _READ[path] = _read(loader, path)


def load_roles(loader: Any, roles_path: str | None, names: Sequence[str] | None) -> list[controls.RoleControls]:
    """The roles' controls and variables, read by a DataLoader; AnsibleError tells all that is wrong with them."""

    def read(path: str) -> Any:
        return _READ[path] if path in _READ else _read(loader, path)

    try:
        return controls.load(roles_path or ROLES_PATH, read, names)
    except controls.ControlsError as problem:
        raise AnsibleError(f"The controls cannot be used:\n{problem}") from problem


def filler(templar: Any, role: controls.RoleControls, task_vars: Mapping[str, Any]) -> Fill:
    """What fills in a value's templates: the role's own variables over the host's, those over the role's defaults."""
    folder = os.path.dirname(os.path.dirname(role.path))
    scope: ChainMap[str, Any] = ChainMap(
        # The last one is where lookups look for the role's templates and files, as they do while it runs.
        {**role.variables, "role_name": role.role, "role_path": folder, "ansible_search_path": [folder]},
        dict(task_vars),
        dict(role.defaults),
    )
    mine = templar.copy_with_new_env(available_variables=scope)
    fill: Fill = mine.template
    return fill


def kept_by(role: controls.RoleControls, fill: Fill) -> Kept:
    """What gives the steps of a role on a host for an audit to look at: each by itself, whatever becomes of others."""

    @functools.cache
    def kept() -> tuple[list[Mapping[str, Any]], frozenset[str]]:
        found = [replace(step, always=True) for step in steps.parse(fill(list(role.steps)))]
        told = [plain({**step.told(), "ignores": list(step.ignores)}) for step in found]
        return told, frozenset().union(*(step.secrets for step in found))

    return kept
