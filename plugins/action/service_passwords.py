# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of service_passwords: puts the catalogue and a site's additions into one packed text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload, vendor_defaults
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_steps import StepsAction

_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "services": {"type": "dict", "default": {}},
    "known": {"type": "list", "elements": "dict", "default": []},
}
_REMEDIES = {"redis": ("set",), "snmp": ("lock", "set")}
_DATABASES = ("mysql", "postgresql")


class ActionModule(StepsAction):
    """See the module of this name for its documentation."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        super().run(tmp, task_vars)
        _outcome, params = self.validate_argument_spec(_SPEC)
        errors = service_errors(params["services"])
        try:
            logins = vendor_defaults.parse_own(params["known"], "known") + vendor_defaults.load()
        except vendor_defaults.VendorDefaultsError as problem:
            errors.append(str(problem))
        if errors:
            raise AnsibleError("\n".join(errors))
        job = {
            "state": params["state"],
            "services": plain(params["services"]),
            "catalogue": vendor_defaults.select(logins, vendor_defaults.HOST_SERVICES),
        }
        return self._one("service_passwords", {"packed": host_payload.pack(job)}, task_vars or {})


def service_errors(services: Mapping[str, Any]) -> list[str]:
    """What is wrong with the remedies; no message holds a password."""
    errors = []
    for name, one in services.items():
        where = f"services.{name}"
        if name in _DATABASES:
            errors += _database_errors(where, one)
        elif name in _REMEDIES:
            errors += _remedy_errors(where, one, _REMEDIES[name])
        else:
            errors.append(f"{where}: there are remedies for {', '.join(sorted([*_REMEDIES, *_DATABASES]))}")
    return errors


def _database_errors(where: str, told: Any) -> list[str]:
    if not isinstance(told, Mapping) or set(told) - {"remedy", "accounts"}:
        return [f"{where}: has remedy and accounts"]
    errors = []
    if told.get("remedy") not in (None, "lock", "expire"):
        errors.append(f"{where}: remedy is lock or expire; passwords to be set belong to single accounts")
    accounts = told.get("accounts") or {}
    if not isinstance(accounts, Mapping):
        return [*errors, f"{where}.accounts: a mapping of accounts is expected"]
    for account, one in accounts.items():
        errors += _remedy_errors(f"{where}.accounts.{account}", one, ("lock", "expire", "set"))
    return errors


def _remedy_errors(where: str, one: Any, valid: tuple[str, ...]) -> list[str]:
    if not isinstance(one, Mapping) or set(one) - {"remedy", "password"} or one.get("remedy") not in valid:
        return [f"{where}: needs remedy, one of {', '.join(valid)}, and for set a password"]
    if (one["remedy"] == "set") != bool(one.get("password")):
        return [f"{where}: a password belongs to the remedy set, and to no other"]
    return []
