# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a host run a job of ours in one round trip, in one Python, without a file on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain

DEFAULT_INTERPRETER = "/usr/bin/python3"


class NoAnswer(Exception):
    """The host was reached and gave no answer. ``ran``: whether the job itself began, as far as can be told."""

    def __init__(self, reason: str, *, ran: bool) -> None:
        super().__init__(reason)
        self.ran = ran


class HostCallAction(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """An action that asks its host by a job, see host_payload.

    ``host_module`` is the module of this collection that runs a packed job where the connection cannot carry a program
    on standard input, ``argument`` the one that it takes it in, ``what`` the job's name in messages.
    """

    TRANSFERS_FILES = False
    _requires_connection = True
    host_module = ""
    argument = ""
    what = ""

    def _call(self, packed: str, mark: str, variables: Mapping[str, Any]) -> Any:
        """Run a packed job on the host; its answer. Raises NoAnswer, and what the connection raises."""
        if self._connection.has_pipelining:
            return self._over_stdin(packed, mark, variables)
        done = self._execute_module(
            module_name=f"ringfence.callcenter.{self.host_module}",
            module_args={self.argument: packed},
            task_vars=dict(variables),
        )
        if "answer" not in done:
            why = " ".join(str(done.get("msg") or "the module's result holds no answer").split())
            raise NoAnswer(f"{self.what} could not be run: {why}", ran=False)
        return plain(done["answer"])

    def _over_stdin(self, packed: str, mark: str, variables: Mapping[str, Any]) -> Any:
        """Run the job as a program on the standard input of the host's Python."""
        interpreter = str(self._templar.template(variables.get("ansible_python_interpreter")) or "auto")
        if interpreter.startswith("auto"):
            interpreter = DEFAULT_INTERPRETER
        # The task's environment, such as a proxy for downloads; the program takes none of Python's own variables.
        command = f"{self._compute_environment_string()} {interpreter} -I -S -".strip()
        done = self._low_level_execute_command(command, in_data=host_payload.script(packed), sudoable=True)
        try:
            return host_payload.extract(done["stdout"], mark)
        except ValueError as problem:
            if done["rc"] != 0:
                last = (done["stderr"] or done["stdout"]).strip().splitlines()[-1:] or [""]
                text = f"{self.what} could not be run (exit status {done['rc']}): {last[0]}"
                raise NoAnswer(text, ran=False) from problem
            raise NoAnswer(str(problem), ran=True) from problem
