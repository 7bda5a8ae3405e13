# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of a role's steps: all are checked, then the host runs them in one round trip."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import steps
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_steps import StepsAction

ARGUMENT_SPEC = {"steps": {"type": "list", "elements": "dict", "required": True}}


class ActionModule(StepsAction):
    """See the module of this name for its documentation."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task; one round trip, and none where no step is to run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        try:
            wanted = steps.parse(arguments["steps"])
        except steps.StepsError as problem:
            raise AnsibleActionFail(f"Nothing was touched: {problem}") from problem
        done = self._apply(wanted, variables)
        self._show(str(variables.get("inventory_hostname", "")), done)
        return {**result, **done}
