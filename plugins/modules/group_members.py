#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/local_group."""

from __future__ import annotations

DOCUMENTATION = r"""
module: group_members
short_description: Keep a local group with exactly these members
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Makes the group when it is missing, adds who is listed and removes who is not, in one call.
  - How the group was before the first change is saved, and I(state=absent) puts it back.
  - People whose primary group it is are not touched.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  name:
    description: The group.
    type: str
    required: true
  managed_by:
    description: Whose group this is, usually the name of a role.
    type: str
    required: true
  members:
    description:
      - Login names, local or from a directory.
      - Accounts that do not exist yet are left out with a warning. The first run after they were made adds them.
    type: list
    elements: str
    default: []
  state:
    description: V(absent) puts the group back as it was, which removes it when the role made it.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let two people administer the firewall
  ringfence.callcenter.group_members:
    name: netadmin
    managed_by: firewall
    members: [alice, bob]
"""

RETURN = r"""
members:
  description: The members now, or in check mode what they would be.
  returned: success
  type: list
  elements: str
  sample: [alice]
missing:
  description: Listed accounts that do not exist on this host.
  returned: success
  type: list
  elements: str
  sample: []
"""

import pwd
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.local_group import Group, GroupError, Plan

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "managed_by": {"type": "str", "required": True},
    "members": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _line(name: str, members: tuple[str, ...] | None) -> str:
    return "" if members is None else f"{name}: {', '.join(members) or '(nobody)'}\n"


def _result(name: str, plan: Plan) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": plan.changed,
        "members": list(plan.after or ()),
        "missing": list(plan.missing),
    }
    if plan.changed:
        result["diff"] = {"before": _line(name, plan.before), "after": _line(name, plan.after)}
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    group = Group(params["name"], params["managed_by"])
    present = params["state"] == "present"
    try:
        if present:
            plan = group.plan_present(params["members"], [name for name in params["members"] if _known(name)])
        else:
            plan = group.plan_absent()
        if not module.check_mode:
            group.apply(plan, restore=not present)
    except (GroupError, OSError) as error:
        module.fail_json(msg=str(error))
    if plan.missing:
        module.warn(f"not in {params['name']} yet, as there is no such account here: {', '.join(plan.missing)}")
    module.exit_json(**_result(params["name"], plan))


if __name__ == "__main__":
    main()
