# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: at the end of a run, a line for each host and role that says what changed or would change."""

from __future__ import annotations

DOCUMENTATION = r"""
name: changes
type: aggregate
short_description: What a run changed or would change, a line for each host and role
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - After the recap of a run it prints a line for each host and role with the tasks that changed something, or would
    have in check mode, and those that failed. With C(--check --diff) that is the short form of thousands of lines.
  - Enable it with C(callbacks_enabled) in the section C(defaults) of ansible.cfg, or for one run with the environment
    variable C(ANSIBLE_CALLBACKS_ENABLED). The ansible.cfg that the playbook C(ringfence.callcenter.new_site) writes has
    it.
requirements:
  - It is named in C(callbacks_enabled).
"""

EXAMPLES = r"""
- name: See in short what the roles would change
  ansible.builtin.command:
    argv: [ansible-playbook, -i, site.yml, ringfence.callcenter.site, --check]
  environment:
    ANSIBLE_CALLBACKS_ENABLED: ringfence.callcenter.changes
  changed_when: false
"""

import os
from collections import defaultdict
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

OUTSIDE = "playbook"


class CallbackModule(CallbackBase):
    """Collects changed and failed tasks by host and role."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ringfence.callcenter.changes"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        # By host and role, the names of tasks: each once, in order.
        self._changed: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._failed: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note a task that changed something."""
        if result.is_changed():
            self._note(self._changed, result, "changed")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Note a task that failed."""
        if not ignore_errors:
            self._note(self._failed, result, "failed")

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002  # Ansible passes it by name
        """Print the lines."""
        check = bool(context.CLIARGS.get("check"))
        verb = "would change" if check else "changed"
        self._display.banner(f"WHAT {'WOULD CHANGE' if check else 'CHANGED'}")
        for host, role in sorted({*self._changed, *self._failed}):
            parts = []
            for word, noted in ((verb, self._changed), ("failed", self._failed)):
                tasks = noted.get((host, role))
                if tasks:
                    parts.append(f"{word} {len(tasks)}: {', '.join(tasks)}")
            self._display.display(f"{host} {role}: {'; '.join(parts)}")
        if not self._changed and not self._failed:
            self._display.display("nothing")

    @staticmethod
    def _note(noted: dict[tuple[str, str], dict[str, None]], result: Any, key: str) -> None:
        task = result.task
        role = os.path.basename(task._role.get_role_path()) if task._role else OUTSIDE
        place = noted[result.host.get_name(), role]
        # The steps of ringfence.callcenter.apply, where a task had some.
        names = [one["name"] for one in result.result.get("steps") or [] if one.get(key)]
        place.update(dict.fromkeys(names or [task.name or task.action]))
