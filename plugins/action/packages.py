# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Works out which packages the roles of a host need, before its module looks at the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import role_source
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import host_kinds, plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_steps import StepsAction


class ActionModule(StepsAction):
    """See the module of this name for its documentation."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task; one round trip, and none where no package is wanted."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        variables = task_vars or {}
        roles = arguments.pop("roles", None)
        if roles is not None:
            if not isinstance(roles, Sequence) or isinstance(roles, str):
                raise AnsibleError(f"roles is {roles!r}, valid is a list of names of roles of this collection")
            names = [*arguments.get("names", []), *self._of_roles([str(name) for name in roles], variables)]
            arguments["names"] = sorted(set(names))
        if arguments.get("names") == []:
            return {
                **result,
                "changed": False,
                "missing": [],
                "installed": {},
                "downloaded": [],
                "updated_lists": False,
            }
        return {**result, **self._one("packages", arguments, variables)}

    def _of_roles(self, names: Sequence[str], variables: Mapping[str, Any]) -> list[str]:
        """The packages of those of the roles that this host gets."""
        if not names:
            return []
        model = {}
        if "ringfence_host" in variables:
            model["ringfence_host"] = plain(self._templar.template(variables["ringfence_host"]))
        kinds = host_kinds(model, variables.get("group_names", []))
        found: list[str] = []
        for role in role_source.load_roles(self._loader, None, names):
            packages = role.variables.get(f"__{role.role}_packages")
            if packages is None or not role.applies_to(kinds):
                continue
            fill = role_source.filler(self._templar, role, variables)
            state = f"{role.role}_state"
            try:
                if plain(fill(variables.get(state, role.defaults.get(state)))) == "present":
                    found += plain(fill(packages))
            except AnsibleError as problem:
                # The role itself refuses its variables, in its own words.
                self._display.vv(f"the packages of {role.role} are not known: {problem}")
        return found
