# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of the audit: which checks, one round trip, judged findings."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    bundle,
    findings,
    host_payload,
    population,
    redaction,
    role_source,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import (
    PreparedCheck,
    host_kinds,
    plain,
    prepare,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_call import HostCallAction, NoAnswer

# Ansible loads this once, before it forks a worker for each host.
role_source.read_ahead()

ARGUMENT_SPEC = {
    "bundle": {"type": "path"},
    "roles": {"type": "list", "elements": "str"},
    "roles_path": {"type": "path"},
    "checks": {"type": "list", "elements": "dict"},
}


class Unanswered(Exception):
    """The host gave no usable answer; ``status`` is what its findings become."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class HostAnswer(NamedTuple):
    """A host's answer, and the controller's clock around the round trip, in seconds."""

    answer: Any
    sent: float
    received: float


class ActionModule(HostCallAction):
    """Observe one host."""

    host_module = "audit"
    argument = "sources"
    what = "the probes"

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make the checks of the host; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        name = str(variables.get("inventory_hostname", ""))
        prepared = self._prepared(arguments, variables)
        seen, state, reason = None, None, None
        try:
            heard = self._ask(
                [item.check for item in prepared if item.finding is None], variables, bool(arguments["bundle"])
            )
            found = findings.merge(prepared, findings.check_answer(heard.answer)["findings"])
            seen = findings.look(heard.answer, heard.sent, heard.received)
            state = findings.state(heard.answer)
        except findings.AnswerError as problem:
            reason = str(problem)
            found = findings.without_answer(prepared, "error", reason)
        except Unanswered as problem:
            reason = str(problem)
            found = findings.without_answer(prepared, problem.status, reason)
        secrets_ = redaction.secrets_of(variables, self._templar.template)
        secrets_ += [secret for item in prepared for secret in item.secrets if secret not in secrets_]
        found, seen, state, reason = (redaction.redact(one, secrets_) for one in (found, seen, state, reason))
        result.update(changed=False, observed=seen is not None, counts=findings.count(found))
        if seen is None:
            result["reason"] = clean(reason)
        else:
            result["clock_offset_seconds"] = seen["clock_offset_seconds"]
        if arguments["bundle"]:
            place = population.attributes(self._model(variables), variables.get("group_names", []))
            place = redaction.redact(place, secrets_)
            record = findings.record(name, attributes=place, findings=found, seen=seen, state=state, reason=reason)
            try:
                bundle.write_record(arguments["bundle"], record)
            except bundle.BundleError as problem:
                raise AnsibleActionFail(str(problem)) from problem
        else:
            result["findings"] = found
        return result

    def _model(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What the site model says of this host, templates filled in; a key whose template is broken is left out."""
        model = {}
        for key in ("ringfence_host", "ansible_host"):
            if key in variables:
                try:
                    model[key] = plain(self._templar.template(variables[key]))
                except AnsibleError as problem:
                    self._display.warning(f"{key} cannot be used: {problem}")
        return model

    def _prepared(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> list[PreparedCheck]:
        """The checks of this host."""
        if arguments["checks"] is not None:
            return [PreparedCheck(_own_check(check)) for check in arguments["checks"]]
        roles = role_source.load_roles(self._loader, arguments["roles_path"], arguments["roles"])
        kinds = host_kinds(self._model(variables), variables.get("group_names", []))
        return prepare(
            roles, kinds, lambda role: role_source.filler(self._templar, role, variables), role_source.kept_by
        )

    def _ask(self, checks: Sequence[Mapping[str, Any]], variables: Mapping[str, Any], state: bool) -> HostAnswer:
        """Send the checks with their probes to the host; Unanswered when nothing comes back.

        state: whether its accounts and its ruleset are asked for too.
        """
        mark = f"ringfence-{secrets.token_hex(8)}"
        try:
            packed = host_payload.pack(host_payload.audit_job(checks, mark, state=state))
        except host_payload.PayloadError as problem:
            raise AnsibleError(str(problem)) from problem
        sent = time.time()
        try:
            return HostAnswer(self._call(packed, mark, variables), sent, time.time())
        except NoAnswer as problem:
            raise Unanswered("error" if problem.ran else "not_observed", str(problem)) from problem
        except AnsibleConnectionFailure as problem:
            raise Unanswered("not_observed", f"unreachable: {_one_line(problem)}") from problem
        except AnsibleError as problem:
            raise Unanswered("not_observed", f"could not be asked: {_one_line(problem)}") from problem


def _one_line(problem: Any) -> str:
    return " ".join(str(problem).split())


def _own_check(check: Mapping[str, Any]) -> dict[str, Any]:
    """A check that the playbook states; AnsibleError when it is incomplete."""
    missing = [key for key in ("id", "control", "role", "aspect", "probe") if not check.get(key)]
    if missing or not check.get("expect"):
        raise AnsibleError(f"checks: {check.get('id', check)!r} needs {', '.join(missing or ['expect'])}")
    return {"with": {}, **plain(check)}
