# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pack of one client from an evidence bundle, on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import inventory
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.parties import PackError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import make

ARGUMENT_SPEC = {
    "client": {"type": "str", "required": True},
    "bundle": {"type": "path", "required": True},
    "directory": {"type": "path"},
    "signing_key": {"type": "path"},
}


class ActionModule(ActionBase):
    """Make one pack."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make the pack, or refuse it and say why; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        hostvars = variables["hostvars"]
        try:
            pack = make(
                arguments["bundle"],
                inventory.read({host: self._told(hostvars[host]) for host in variables["groups"]["all"]}),
                arguments["client"],
                directory=arguments["directory"],
                key=arguments["signing_key"],
                dry=bool(self._task.check_mode),
            )
        except PackError as problem:
            raise AnsibleActionFail(str(problem)) from problem
        if pack.not_searched_alone:
            self._display.display(
                "Everyday words, which were searched for in the pack only where they follow client or segment: "
                + ", ".join(pack.not_searched_alone)
            )
        return {
            **result,
            "changed": pack.changed,
            "path": pack.path,
            "run": pack.about["bundle"],
            "manifest_sha256": pack.manifest_sha256,
            "own_hosts": pack.about["own_hosts"],
            "shared_hosts": pack.about["shared_hosts"],
            "withheld": dict(pack.about["withheld"]),
            "not_searched_alone": list(pack.not_searched_alone),
        }

    def _told(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What of a host's variables is read, templates filled in; what cannot be filled in names nobody."""
        told = {}
        for key in [key for key in variables if key in inventory.KEYS or inventory.lists_people(key)]:
            try:
                told[key] = plain(variables[key])
            except AnsibleError as problem:
                self._display.warning(f"{key} cannot be used: {problem}")
        return told
