# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that has its host run steps, in one round trip however many there are."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload, steps
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_call import HostCallAction, NoAnswer


class StepsAction(HostCallAction):
    """Runs steps on its host."""

    host_module = "apply"
    argument = "packed"
    what = "the steps"

    def _apply(self, wanted: Sequence[steps.Step], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run steps; the result of the task, see steps.outcome. Nothing goes to the host where there is no step."""
        if not wanted:
            return steps.outcome([], [])
        mark = f"ringfence-{secrets.token_hex(8)}"
        job = host_payload.steps_job(
            [plain(step.told()) for step in wanted],
            mark,
            check_mode=bool(self._task.check_mode),
            diff=bool(self._task.diff),
        )
        try:
            answer = self._call(host_payload.pack(job), mark, variables)
        except NoAnswer as problem:
            # A program that was ended from outside may have done some of them.
            text = f"{problem}. Whether anything was changed is not known; the next run does what is left to do"
            raise AnsibleActionFail(text) from problem
        return steps.outcome(wanted, answer["steps"])

    def _one(self, module: str, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run one module of this collection as the only step; its own result."""
        complete, hidden, wrong = steps.checked(module, arguments)
        if wrong:
            raise AnsibleActionFail("; ".join(wrong))
        step = steps.Step(module, module, complete, secrets=hidden)
        result = self._apply([step], variables)
        own: dict[str, Any] = {
            key: value for key, value in result["steps"][0].items() if key not in ("name", "controls")
        }
        return {**own, **{key: result[key] for key in ("diff", "warnings") if key in result}}

    def _show(self, host: str, result: Mapping[str, Any]) -> None:
        """Print which steps changed something, as the output of a run would have for tasks of their own."""
        if self._task.no_log or self._display.verbosity:
            return
        for one in result["steps"]:
            if one.get("changed"):
                self._display.display(f"changed: [{host}] => {one['name']}", color=constants.COLOR_CHANGED)
