# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of vlan_network: checks the interfaces, and proves access on a new connection."""

from __future__ import annotations

from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.confirmation import ConfirmedAction
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vlan_network import InterfacesError, compose

_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent", "checked"], "default": "present"},
    "interfaces": {"type": "list", "elements": "dict", "default": []},
    "trunk": {"type": "list", "elements": "str", "default": []},
    "bond_mode": {"type": "str", "default": "802.3ad"},
    "confirm_timeout": {"type": "int", "default": 60},
}


class ActionModule(ConfirmedAction):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False
    transaction = "vlan_transaction"
    cut = "With the new interfaces and sources no new connection gets in"
    restored = "what was before"
    question = "Does this controller come from a segment, and by the interface that client_vlans_interfaces give it?"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _outcome, params = self.validate_argument_spec(_SPEC)
        task_vars = task_vars or {}
        timeout = params["confirm_timeout"]
        arguments: dict[str, Any] = {"confirm_timeout": timeout}
        if params["state"] == "absent":
            arguments["state"] = "absent"
        try:
            if not 5 <= timeout <= 600:
                raise InterfacesError([f"confirm_timeout: {timeout} is out of range; valid: 5 to 600 seconds"])
            network = compose(params["interfaces"], params["trunk"], params["bond_mode"])
        except InterfacesError as error:
            count = len(error.errors)
            problem = "1 error" if count == 1 else f"{count} errors"
            message = f"The interfaces have {problem}, and client_vlans has touched nothing here:\n" + "\n".join(
                error.errors
            )
            return {**result, "failed": True, "msg": message, "errors": error.errors}
        if params["state"] == "checked":
            return {**result, "changed": False}
        told = network.arguments() if params["state"] == "present" else {}
        return self._finish(self._host({**arguments, **told}, task_vars), arguments, task_vars)
