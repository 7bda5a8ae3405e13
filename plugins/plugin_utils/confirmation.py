# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's half of a change that the host undoes unless a new connection confirms it."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.host_steps import StepsAction

_UNTRIED = "there was no time to try"
#: Seconds after the rollback's time within which the host must answer again.
_RETURN = 30.0


class ConfirmedAction(StepsAction):
    """An action whose host module takes the phases ``apply``, ``confirm`` and ``status``.

    ``transaction`` is that module. ``cut`` and ``question`` are for the message when nobody gets in any more: what the
    new state does not do, what to look at; ``restored`` is what the host has put back.
    """

    transaction = ""
    cut = ""
    restored = ""
    question = ""

    def _host(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        return self._one(self.transaction, arguments, task_vars)

    def _finish(self, applied: dict[str, Any], arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Confirm what was applied, where it waits for that; the result of the task."""
        confirmation = applied.pop("confirmation", None)
        if confirmation is None or applied.get("failed"):
            return applied
        applied["pending"] = False
        return {**applied, **self._prove(str(confirmation), arguments, task_vars)}

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
            f"{self.cut} ({why}). The host restored {self.restored} by itself after {timeout:g} s; nothing became"
            f" permanent. {self.question}"
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
