#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name, and what it runs where a connection cannot carry a program."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apply
short_description: Run the steps of a role on a host in one round trip
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Takes modules of this collection with their options as steps, checks all of them on the controller before a host
    hears of any, and has the host run them in order in one Python.
  - With twenty steps this takes little more than one module does otherwise, as the connection, Python's start and the
    import of Ansible's own parts are paid for once or not at all.
  - The first step that fails ends it, but for steps that always run. What was done before it stands; the message names
    it, what was changed and what was not done.
  - Where the connection can use pipelining the program and the steps' options go to the standard input of the host's
    Python, and no file of it is on the host. C(ansible_python_interpreter) and the task's C(environment) hold as they
    do for modules. Other than modules it writes no line about its call to the host's log.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details: Each step runs in check mode. Files that an earlier step would write are not there then.
options:
  steps:
    description: The steps, in order. A playbook has to give them.
    type: list
    elements: dict
    suboptions:
      name:
        description: What the step does. Shown when it changes something or fails.
        type: str
        required: true
      module:
        description:
          - In place of this key stands the full name of a module of this collection, such as
            C(ringfence.callcenter.managed_files), with its options as for a task.
          - It must have no part that runs on the controller, as C(firewall_ruleset) has.
        type: dict
      controls:
        description: The controls of the role that the step enforces, by their ids. They are told with its result.
        type: list
        elements: str
        default: []
      when:
        description: Whether the step runs.
        type: bool
        default: true
      check_mode:
        description: The step only looks, whatever the task does, and counts as no change.
        type: bool
        default: false
      always:
        description: The step runs even where one before it failed.
        type: bool
        default: false
      needs_packages:
        description:
          - Packages that an earlier step, of the module C(packages), installs. Where one of them is
            not there yet in check mode, the step is left out.
        type: list
        elements: str
        default: []
      needs_path:
        description: A path without which the step is left out.
        type: str
      audit:
        description:
          - Whether an audit has the step look in check mode for what it would change (see the probe C(role_steps)).
          - Not for a step that refuses what a run must not do and keeps nothing on the host itself.
        type: bool
        default: true
      audit_ignores:
        description:
          - Regular expressions for whole lines in which a host may differ without an audit minding, as they depend on
            where a run comes from.
        type: list
        elements: str
        default: []
  packed:
    description: The steps as the controller sends them to a host. Not for playbooks.
    type: str
"""

EXAMPLES = r"""
- name: Keep the timers of a role
  ringfence.callcenter.apply:
    steps:
      - name: Configure files
        ringfence.callcenter.managed_files:
          managed_by: example
          files:
            - path: /etc/systemd/system/example-daily.timer
              content: |
                [Timer]
                OnCalendar=daily
                [Install]
                WantedBy=timers.target
          activate:
            - argv: [systemctl, daemon-reload]
      - name: Keep the timers running
        controls: [example.daily]
        ringfence.callcenter.service_units:
          managed_by: example
          units:
            - {name: example-daily.timer, enabled: true, active: true}
"""

RETURN = r"""
steps:
  description:
    - What each step that was run gave, as its module documents it, with its name and controls. Differences and
      warnings are the task's own.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "Keep the timers running", "controls": [example.daily], "changed": false, "commands": []}]
errors:
  description: Everything that was wrong by the steps that failed, one sentence each.
  returned: when a step failed that tells them
  type: list
  elements: str
  sample: ["/etc/a is listed twice"]
answer:
  description: What the host answered, for the controller to read.
  returned: to the controller only
  type: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import host_program

ARGUMENT_SPEC: dict[str, Any] = {
    "steps": {"type": "list", "elements": "dict"},
    # It may hold contents of files that are secrets.
    "packed": {"type": "str", "no_log": True},
}


def main() -> None:
    """Run the packed job that the controller sent."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if not module.params["packed"]:
        module.fail_json(msg="the steps are missing: this module is run by the action plugin of the same name")
    try:
        answer = host_program.run(host_program.unpack(module.params["packed"]))
    except Exception as problem:  # pylint: disable=broad-except  # whatever it is, the controller must hear of it
        module.fail_json(msg=f"{type(problem).__name__}: {problem}")
    module.exit_json(changed=False, answer=answer)


if __name__ == "__main__":
    main()
