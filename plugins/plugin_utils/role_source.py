# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of the roles as Ansible sees them: texts are templates, variables are those of the host."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import controls
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import Fill

ROLES_PATH = os.path.join(COLLECTION_ROOT, "roles")


def load_roles(loader: Any, roles_path: str | None, names: Sequence[str] | None) -> list[controls.RoleControls]:
    """The roles' controls and variables, read by a DataLoader; AnsibleError tells all that is wrong with them."""

    def read(path: str) -> Any:
        return loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)

    try:
        return controls.load(roles_path or ROLES_PATH, read, names)
    except controls.ControlsError as problem:
        raise AnsibleError(f"The controls cannot be used:\n{problem}") from problem


def filler(templar: Any, role: controls.RoleControls, task_vars: Mapping[str, Any]) -> Fill:
    """What fills in a value's templates: the role's own variables over the host's, those over the role's defaults."""
    scope: ChainMap[str, Any] = ChainMap(
        {**role.variables, "role_name": role.role, "role_path": os.path.dirname(os.path.dirname(role.path))},
        dict(task_vars),
        dict(role.defaults),
    )
    mine = templar.copy_with_new_env(available_variables=scope)
    fill: Fill = mine.template
    return fill
