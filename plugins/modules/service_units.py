#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/unit_states."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_units
short_description: Keep a set of systemd units enabled and running, and be able to put them back
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Looks at all units of a role in one call, and enables, disables, starts or stops those that are not as told.
  - How each unit was before the first change is saved, and I(state=absent) restores it.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details: A unit that does not exist yet counts as one that would be enabled and started.
options:
  managed_by:
    description: Whose units these are, usually the name of a role.
    type: str
    required: true
  state:
    description:
      - V(present) makes the units as listed.
      - V(absent) puts back those that are listed, or every unit of the role when none is listed.
    type: str
    choices: [present, absent]
    default: present
  units:
    description: The units.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Full name of the unit.
        type: str
        required: true
      enabled:
        description: Whether it starts at boot. Left alone when absent.
        type: bool
      active:
        description: Whether it runs now. Left alone when absent.
        type: bool
      may_skip:
        description: The unit's own C(ExecCondition) may decide that it does not run on this host.
        type: bool
        default: false
      test:
        description:
          - Command that says whether the unit would start by its files. Run before a start, and quoted when it fails.
          - Not in check mode, where tasks before this one have written nothing.
        type: list
        elements: str
        default: []
"""

EXAMPLES = r"""
- name: Keep the timers running
  ringfence.callcenter.service_units:
    managed_by: antivirus
    units:
      - {name: example-daily.timer, enabled: true, active: true}
      - {name: example-weekly.timer, enabled: true, active: true}

- name: Put every unit back
  ringfence.callcenter.service_units:
    managed_by: antivirus
    state: absent
"""

RETURN = r"""
commands:
  description: The calls of systemctl that were made, or in check mode would be.
  returned: success
  type: list
  elements: list
  sample: [[enable, --quiet, example-daily.timer], [start, example-daily.timer]]
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.unit_states import (
    Plan,
    State,
    Unit,
    UnitError,
    UnitStates,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "managed_by": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "units": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "enabled": {"type": "bool"},
            "active": {"type": "bool"},
            "may_skip": {"type": "bool", "default": False},
            "test": {"type": "list", "elements": "str", "default": []},
        },
    },
}


def _lines(units: Sequence[Unit], now: Mapping[str, State], plan: Plan, *, after: bool) -> str:
    text = ""
    for unit in units:
        state = now[unit.name]
        enabled = (state.enabled or unit.name in plan.enable) and unit.name not in plan.disable
        active = (state.active or unit.name in plan.start) and unit.name not in plan.stop
        failed = state.failed and not active and unit.name not in plan.forget
        if not after:
            enabled, active, failed = state.enabled, state.active, state.failed
        word = "active" if active else "failed" if failed else "inactive"
        text += f"{unit.name}: {'enabled' if enabled else 'disabled'}, {word}\n"
    return text


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    states = UnitStates(params["managed_by"])
    present = params["state"] == "present"
    try:
        if present:
            units = [Unit(**{**one, "test": tuple(one["test"])}) for one in params["units"]]
        else:
            units = states.back([one["name"] for one in params["units"]])
        now = states.states([unit.name for unit in units])
        plan = states.plan(units, now)
        if not module.check_mode and present:
            states.refuse(plan, units)
            states.apply(plan, units, now)
        elif not module.check_mode and units:
            states.restore(plan, units)
    except (UnitError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(plan.steps),
        commands=plan.steps,
        diff={"before": _lines(units, now, plan, after=False), "after": _lines(units, now, plan, after=True)},
    )


if __name__ == "__main__":
    main()
