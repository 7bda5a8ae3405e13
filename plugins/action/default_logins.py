# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries well-known logins at a device of the inventory, from the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    default_logins,
    network_logins,
    vendor_defaults,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain

_SPEC: dict[str, Any] = {
    "services": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "service": {"type": "str", "required": True, "choices": sorted(network_logins.SERVICES)},
            "port": {"type": "int", "required": True},
        },
    },
    "kinds": {"type": "list", "elements": "str", "choices": list(vendor_defaults.KINDS), "default": []},
    "known": {"type": "list", "elements": "dict", "default": []},
    "tries": {"type": "int", "choices": [1, 2, 3], "default": default_logins.MOST_TRIES},
    "pause": {"type": "float", "default": 1.0},
    "timeout": {"type": "float", "default": 5.0},
}


class ActionModule(ActionBase):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _outcome, params = self.validate_argument_spec(_SPEC)
        variables = task_vars or {}
        try:
            logins = vendor_defaults.parse_own(params["known"], "known") + vendor_defaults.load()
        except vendor_defaults.VendorDefaultsError as problem:
            raise AnsibleError(str(problem)) from problem
        # The device is the host of the task, so that nothing outside the inventory is ever tried.
        address = str(self._templar.template(variables.get("ansible_host")) or variables["inventory_hostname"])
        outcome = default_logins.attempt(
            address,
            # Libraries refuse Ansible's own kinds of numbers and texts.
            [(one["service"], one["port"]) for one in plain(params["services"])],
            logins,
            kinds=params["kinds"],
            tries=params["tries"],
            pause=max(0.2, params["pause"]),
            seconds=params["timeout"],
        )
        result.update(
            changed=False,
            opened=outcome.opened,
            unanswered=outcome.unanswered,
            tried=outcome.tried,
            left_out=outcome.left_out,
        )
        if outcome.opened:
            result.update(failed=True, msg="A login that everybody can look up opens " + "; ".join(outcome.opened))
        return result
