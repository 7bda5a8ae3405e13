# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of firewall_ruleset: checks and renders the rules, and proves access on a new connection."""

from __future__ import annotations

from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import nft_ruleset
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.confirmation import ConfirmedAction
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError

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
    "other_tables": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "family": {"type": "str", "choices": ["arp", "bridge", "inet", "ip", "ip6", "netdev"], "required": True},
            "name": {"type": "str", "required": True},
            "reason": {"type": "str", "required": True},
        },
    },
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


def _warnings(ruleset: nft_ruleset.Ruleset, expired_rules: str) -> dict[str, list[str]]:
    expired = ruleset.expired
    if not expired:
        return {}
    what = "still loaded" if expired_rules == "keep" else "not loaded"
    named = ", ".join(f"{rule.direction} {rule.name} (due {rule.review_by}, owner {rule.owner})" for rule in expired)
    return {"warnings": [f"These rules are past their review date and {what}: {named}"]}


def _inbound(ruleset: nft_ruleset.Ruleset) -> list[dict[str, Any]]:
    """What the rules let in on ports, as the host's half takes it."""
    return [
        {"name": rule.name, "protocol": rule.protocol, "ports": rule.ports, "versions": rule.families}
        for rule in ruleset.rules
        if rule.direction == "inbound" and rule.ports
    ]


class ActionModule(ConfirmedAction):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False
    transaction = "firewall_transaction"
    cut = "The new rules do not let a new connection in"
    restored = "its previous rules"
    question = "Does a rule, or firewall_administration_sources, let this controller reach the administration port?"

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
            message = f"The firewall rules have {problem}, and firewall has touched nothing here:\n" + "\n".join(
                error.errors
            )
            return {**result, "failed": True, "msg": message, "errors": error.errors}
        told = {
            "rules": len(ruleset.rules),
            "expired": [f"{rule.direction} {rule.name}" for rule in ruleset.expired],
            "inbound_ports": nft_ruleset.inbound_ports(ruleset),
        }
        if params["state"] == "checked":
            return {**result, "changed": False, **told, **_warnings(ruleset, params["expired_rules"])}
        arguments = {key: params[key] for key in ("group", "confirm_timeout")}
        beside = {"inbound": _inbound(ruleset), "other_tables": params["other_tables"]}
        applied = self._host({**arguments, **beside, "ruleset": ruleset.text}, task_vars)
        applied.update(told)
        return self._finish(applied, arguments, task_vars)
