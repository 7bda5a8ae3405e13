# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of account_passwords: puts the catalogue and a site's additions into one packed text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload, vendor_defaults
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_steps import StepsAction

_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "remedy": {"type": "str", "choices": ["lock", "expire"], "default": "lock"},
    "accounts": {"type": "dict", "default": {}},
    "known": {"type": "list", "elements": "dict", "default": []},
    "common": {"type": "int", "default": 2},
    "seconds": {"type": "int", "default": 120},
}
_REMEDIES = ("lock", "expire", "set")


class ActionModule(StepsAction):
    """See the module of this name for its documentation."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        super().run(tmp, task_vars)
        _outcome, params = self.validate_argument_spec(_SPEC)
        errors = account_errors(params["accounts"])
        try:
            logins = vendor_defaults.parse_own(params["known"], "known") + vendor_defaults.load()
        except vendor_defaults.VendorDefaultsError as problem:
            errors.append(str(problem))
        if errors:
            raise AnsibleError("\n".join(errors))
        job = {
            "state": params["state"],
            "remedy": params["remedy"],
            "accounts": plain(params["accounts"]),
            "seconds": params["seconds"],
            "catalogue": vendor_defaults.select(logins, vendor_defaults.ACCOUNT_SERVICES, params["common"]),
        }
        return self._one("account_passwords", {"packed": host_payload.pack(job)}, task_vars or {})


def account_errors(accounts: Mapping[str, Any]) -> list[str]:
    """What is wrong with the remedies of single accounts; no message holds a password."""
    errors = []
    for name, one in accounts.items():
        if not isinstance(one, Mapping) or set(one) - {"remedy", "password"} or one.get("remedy") not in _REMEDIES:
            errors.append(f"accounts.{name}: needs remedy, one of {', '.join(_REMEDIES)}, and for set a password")
        elif (one["remedy"] == "set") != bool(one.get("password")):
            errors.append(f"accounts.{name}: a password belongs to the remedy set, and to no other")
    return errors
