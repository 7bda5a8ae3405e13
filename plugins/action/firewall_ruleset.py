# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of firewall_ruleset: checks and renders the rules, and proves access on a new connection."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import nft_ruleset
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError

_MODULE = "ringfence.callcenter.firewall_transaction"
_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent", "checked"], "default": "present"},
    "rules": {"type": "dict", "default": {}},
    "administration_sources": {"type": "list", "elements": "str", "default": []},
    "administration_ports": {"type": "list", "elements": "int", "default": [22]},
    "log": {"type": "bool", "default": True},
    "log_rate": {"type": "str", "default": "10/minute"},
    "log_burst": {"type": "int", "default": 20},
    "dhcp_client": {"type": "bool", "default": True},
    "expired_rules": {"type": "str", "choices": ["keep", "refuse"], "default": "keep"},
    "group": {"type": "str", "default": "netadmin"},
    "confirm_timeout": {"type": "int", "default": 30},
}
_RENDERED = (
    "administration_sources",
    "administration_ports",
    "log",
    "log_rate",
    "log_burst",
    "dhcp_client",
    "expired_rules",
)
_UNTRIED = "there was no time to try"
#: Seconds after the rollback's time within which the host must answer again.
_RETURN = 30.0


def _warnings(ruleset: nft_ruleset.Ruleset, expired_rules: str) -> dict[str, list[str]]:
    expired = ruleset.expired
    if not expired:
        return {}
    what = "still loaded" if expired_rules == "keep" else "not loaded"
    named = ", ".join(f"{rule.direction} {rule.name} (due {rule.review_by}, owner {rule.owner})" for rule in expired)
    return {"warnings": [f"These rules are past their review date and {what}: {named}"]}


class ActionModule(ActionBase):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _outcome, params = self.validate_argument_spec(_SPEC)
        task_vars = task_vars or {}
        if params["state"] == "absent":
            return self._host({"state": "absent", "group": params["group"]}, task_vars)
        timeout = params["confirm_timeout"]
        try:
            if not 5 <= timeout <= 600:
                raise RulesError([f"confirm_timeout: {timeout} is out of range; valid: 5 to 600 seconds"])
            ruleset = nft_ruleset.compose(params["rules"], **{key: params[key] for key in _RENDERED})
        except RulesError as error:
            count = len(error.errors)
            problem = "1 error" if count == 1 else f"{count} errors"
            message = f"The firewall rules have {problem}, and this host was not touched:\n" + "\n".join(error.errors)
            return {**result, "failed": True, "msg": message, "errors": error.errors}
        told = {"rules": len(ruleset.rules), "expired": [f"{rule.direction} {rule.name}" for rule in ruleset.expired]}
        if params["state"] == "checked":
            return {**result, "changed": False, **told, **_warnings(ruleset, params["expired_rules"])}
        arguments = {key: params[key] for key in ("group", "confirm_timeout")}
        applied = self._host({**arguments, "ruleset": ruleset.text}, task_vars)
        applied.update(told)
        confirmation = applied.pop("confirmation", None)
        if confirmation is None or applied.get("failed"):
            return applied
        applied["pending"] = False
        return {**applied, **self._prove(str(confirmation), arguments, task_vars)}

    def _host(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return answer

    def _reconnect(self) -> str:
        """Leave the connection, so that the next call makes a new one; what that one is."""
        transport = str(self._connection.transport)
        if type(self._connection).reset is ConnectionBase.reset:
            return f"nothing: {transport} does not pass the firewall"
        self._connection.reset()
        return f"a new {transport.rsplit('.', 1)[-1]} connection"

    def _prove(self, confirmation: str, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Confirm over a new connection; what to add to the result."""
        timeout = float(arguments["confirm_timeout"])
        deadline = time.monotonic() + timeout
        why = _UNTRIED
        question = "Does a rule, or firewall_administration_sources, let this controller reach the administration port?"
        while time.monotonic() < deadline:
            try:
                proof = self._reconnect()
                confirmed = self._host({**arguments, "phase": "confirm", "confirmation": confirmation}, task_vars)
            except AnsibleConnectionFailure as error:
                why = " ".join(str(error.message).split())
                time.sleep(1)
                continue
            if not confirmed.get("failed"):
                return {"proven_by": proof}
            if confirmed.get("rolled_back"):
                why = str(confirmed.get("msg")) if why is _UNTRIED else why
                break
            return {"failed": True, "msg": str(confirmed.get("msg"))}
        time.sleep(max(0.0, deadline + 1 - time.monotonic()))
        self._wait_for_return(arguments, task_vars)
        message = (
            f"The new rules do not let a new connection in ({why}). The host restored its previous rules by itself"
            f" after {timeout:g} s; nothing became permanent. {question}"
        )
        return {"failed": True, "changed": False, "rolled_back": True, "msg": message}

    def _wait_for_return(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> None:
        """See that the host can be reached again. Raises AnsibleConnectionFailure when it cannot."""
        end = time.monotonic() + _RETURN
        while True:
            try:
                self._reconnect()
                if not self._host({**arguments, "phase": "status"}, task_vars).get("pending"):
                    return
            except AnsibleConnectionFailure:
                if time.monotonic() > end:
                    raise
            if time.monotonic() > end:
                return
            time.sleep(1)
