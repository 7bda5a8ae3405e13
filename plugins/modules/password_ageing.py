#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/password_ageing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: password_ageing
short_description: Have the passwords of all accounts age, and be able to put it back
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Sets in one call how passwords age, for new accounts (C(/etc/login.defs)) and for those there are (C(/etc/shadow)).
  - Concerns the accounts that have a password and that somebody can log in to. These are root, all from C(UID_MIN) on,
    however high their number, and those of the system that have a login shell. Locked passwords and accounts without
    one are left alone.
  - How it was before the first change is saved, and I(state=absent) restores it.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  managed_by:
    description: Who manages it, usually the name of a role.
    type: str
    required: true
  state:
    description: V(absent) lets passwords age as they did before.
    type: str
    choices: [present, absent]
    default: present
  maximum_days:
    description: Days after which a password must be changed.
    type: int
    default: 90
  minimum_days:
    description: Days for which a new password must be kept.
    type: int
    default: 1
  warning_days:
    description: Days before the end from which on a login brings a warning.
    type: int
    default: 7
  exempt:
    description: Accounts that are left alone. One that was not exempt before ages as it did at first.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Configure password ageing
  ringfence.callcenter.password_ageing:
    managed_by: password_policy
    maximum_days: 90
    exempt: [root, automation]
"""

RETURN = r"""
accounts:
  description: The accounts that were changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [alice, bob]
overdue:
  description: Changed accounts whose password is older than that already. It must be changed at the next login.
  returned: success
  type: list
  elements: str
  sample: [bob]
"""

import re
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.password_ageing import Ageing, AgeingError

ARGUMENT_SPEC: dict[str, Any] = {
    "managed_by": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "maximum_days": {"type": "int", "default": 90},
    "minimum_days": {"type": "int", "default": 1},
    "warning_days": {"type": "int", "default": 7},
    "exempt": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", params["managed_by"]):
        module.fail_json(
            msg=f"managed_by {params['managed_by']!r} is not a name of a-z, 0-9 and _ that starts with a letter"
        )
    today = int(time.time() // 86400)
    work = Ageing(params["managed_by"], today=today)
    present = params["state"] == "present"
    try:
        if present:
            numbers = (params["maximum_days"], params["minimum_days"], params["warning_days"])
            plan = work.plan_present(*numbers, exempt=params["exempt"])
        else:
            plan = work.plan_absent()
        if not module.check_mode and (plan.changed or not present):
            (work.apply if present else work.restore)(plan)
    except (AgeingError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    overdue = [
        name
        for name, (_before, ages) in plan.accounts.items()
        if ages.maximum is not None and ages.changed is not None and ages.changed + ages.maximum < today
    ]
    if overdue and present:
        module.warn(f"these must change their password at the next login: {', '.join(sorted(overdue))}")
    module.exit_json(
        changed=plan.changed,
        accounts=sorted(plan.accounts),
        overdue=sorted(overdue),
        diff={"before": plan.lines(after=False), "after": plan.lines(after=True)},
    )


if __name__ == "__main__":
    main()
