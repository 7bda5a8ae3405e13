#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps single parameters of Postfix."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_parameters
short_description: Keep single parameters of Postfix, and be able to put them back
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Sets parameters in C(main.cf) and leaves every other line as it is. The lines that were there before the first
    change are saved below C(/var/lib/ringfence/postfix), and I(state=absent) puts them back word for word.
  - Postfix judges the new file in a folder of its own (C(postconf), C(postfix check)) before it goes live, and is
    reloaded after a change. A reload that is owed because a run died is made up for by the next one.
  - A value of a site that is replaced is named in a warning, and so is V(smtpd_proxy_filter), at which milters see no
    content. With milters wanted, V(no_milters) in V(receive_override_options) is refused.
  - A service of C(master.cf) with a value of its own for one of the parameters would make the setting void there. That
    is refused, naming the service.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  managed_by:
    description: Whose parameters these are, usually the name of a role. One parameter belongs to one role.
    type: str
    required: true
  state:
    description: V(absent) puts back every parameter that the role ever changed.
    type: str
    choices: [present, absent]
    default: present
  parameters:
    description: Names and values.
    type: dict
    default: {}
  lists:
    description:
      - Names of parameters that are lists, such as V(smtpd_milters), and the elements that shall be in them. Where they
        are missing they come first. The elements of others stay behind them, and stay with O(state=absent).
      - A list that refers to another of these lists gets its elements.
      - Where O(parameters) change V(milter_default_action) the milters of others keep the action they had.
    type: dict
    default: {}
  at_most:
    description: Names of parameters that are numbers, and the most they may be. A lower value set before stays.
    type: dict
    default: {}
  services_exempt:
    description: Services of C(master.cf), as C(NAME/TYPE), that may have values of their own.
    type: list
    elements: str
    default: []
  folder:
    description: Postfix's configuration.
    type: path
    default: /etc/postfix
"""

EXAMPLES = r"""
- name: Scan every mail
  ringfence.callcenter.postfix_parameters:
    managed_by: mail_antivirus
    lists:
      smtpd_milters: [unix:clamav/clamav-milter.ctl]
      non_smtpd_milters: [unix:clamav/clamav-milter.ctl]
    at_most:
      message_size_limit: 26214400
    parameters:
      milter_default_action: tempfail

- name: Put the parameters back
  ringfence.callcenter.postfix_parameters:
    managed_by: mail_antivirus
    state: absent
"""

RETURN = r"""
changed_parameters:
  description: Names of the parameters that were changed.
  returned: success
  type: list
  elements: str
  sample: [smtpd_milters]
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.postfix_parameters import (
    Parameters,
    PostfixError,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "managed_by": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "parameters": {"type": "dict", "default": {}},
    "lists": {"type": "dict", "default": {}},
    "at_most": {"type": "dict", "default": {}},
    "services_exempt": {"type": "list", "elements": "str", "default": []},
    "folder": {"type": "path", "default": "/etc/postfix"},
}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    present = params["state"] == "present"
    named = [*params["parameters"], *params["lists"], *params["at_most"]]
    work = Parameters(params["managed_by"], folder=params["folder"])
    said: list[str] = []
    try:
        if module.check_mode and not os.path.exists(work.path):
            # Postfix is installed by a task before this one.
            module.exit_json(changed=present, changed_parameters=sorted(named) if present else [])
        before = work.text()
        if present:
            wanted = {str(name): str(value) for name, value in params["parameters"].items()}
            lists = {name: [str(one) for one in listed] for name, listed in params["lists"].items()}
            at_most = {name: int(most) for name, most in params["at_most"].items()}
            values = work.with_others(before, wanted, lists, at_most)
            work.refuse(values, params["services_exempt"])
            said = work.goes(before, values)
            after = work.plan_present(before, values)
        else:
            after = work.plan_absent(before)
        if after != before:
            work.judge(after)
        if not module.check_mode:
            work.apply(before, after, named if present else None)
    except (PostfixError, OSError, ValueError) as error:
        module.fail_json(msg=str(error))
    for words in said:
        module.warn(words)
    module.exit_json(
        changed=after != before,
        changed_parameters=work.differing(before, after),
        diff={"before": before, "after": after, "before_header": work.path, "after_header": work.path},
    )


if __name__ == "__main__":
    main()
