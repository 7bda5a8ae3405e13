#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/pam_profiles."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pam_profiles
short_description: Enable, disable and repair profiles of pam-auth-update
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Makes sure that named profiles of C(/usr/share/pam-configs) are enabled in C(/etc/pam.d/common-*), or are not.
  - A line of these profiles that was removed or edited by hand is put right again, which C(pam-auth-update) does not.
  - Lines and options of others are left alone. Beside a line that no profile wrote C(pam-auth-update) refuses to work;
    this module fails then, with the line and the way out.
  - The work is done in a scratch root first. Nothing goes live that was not looked at.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  profiles:
    description: Names of profiles, which are names of files in C(/usr/share/pam-configs).
    type: list
    elements: str
    required: true
  state:
    description: Whether the profiles of O(profiles) shall be enabled or not. Their files are left where they are.
    type: str
    choices: [present, absent]
    default: present
  disable:
    description: Names of profiles that shall not be enabled, whatever O(state) is. They need not exist.
    type: list
    elements: str
    default: []
  replaces:
    description:
      - The profile in whose place those of O(profiles) stand. It is disabled with O(state=present), and enabled again
        with O(state=absent) if it was before, each of its lines word for word as it was.
      - Options that a site gave to its C(pam_unix.so) lines and that do no harm (C(rounds=), C(audit),
        C(no_pass_expiry), C(remember=), a strong hash and such) are carried over to the lines of O(profiles), and left
        there when somebody adds them later. Others are named in a warning when they go, C(nullok) aside.
    type: str
    default: ''
  overwrite_local_edits:
    description:
      - Go on when C(/etc/pam.d/common-*) carry lines that no profile wrote.
      - All edits inside the marked blocks are dropped then, options included.
    type: bool
    default: false
  pending:
    description:
      - Content of profiles by name, as an earlier task of the play writes them to C(/usr/share/pam-configs).
      - Used in check mode only, where that task has written nothing.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Pause after a wrong password
  ringfence.callcenter.pam_profiles:
    profiles: [ringfence-login-pause]

- name: Go back to passwords without a pause
  ringfence.callcenter.pam_profiles:
    profiles: [ringfence-login-pause]
    state: absent
"""

RETURN = r"""
changed_paths:
  description: The files below C(/etc/pam.d) that were changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/pam.d/common-auth]
carried:
  description: Options of a site that stay on lines of the profiles.
  returned: success
  type: list
  elements: str
  sample: ["/etc/pam.d/common-password: pam_unix.so rounds=65536"]
dropped:
  description:
    - Local lines that were dropped, or would be, because of O(overwrite_local_edits), and options of a site that went.
    - Each is a warning as well.
  returned: success
  type: list
  elements: str
  sample: ["/etc/pam.d/common-auth line 18: 'required pam_example.so'"]
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.pam_profiles import PamProfiles, PamProfilesError
from ansible_collections.ringfence.callcenter.plugins.module_utils.pam_replaced import FOLDER

ARGUMENT_SPEC: dict[str, Any] = {
    "profiles": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "disable": {"type": "list", "elements": "str", "default": []},
    "replaces": {"type": "str", "default": ""},
    "overwrite_local_edits": {"type": "bool", "default": False},
    "pending": {"type": "dict", "default": {}},
}


def run(params: Mapping[str, Any], *, check_mode: bool, with_diff: bool) -> dict[str, Any]:
    """Do the work; the result of the module. Raises PamProfilesError."""
    names, disable = list(params["profiles"]), list(params["disable"])
    every = [*names, *disable, *params["pending"], *([params["replaces"]] if params["replaces"] else [])]
    wrong = [name for name in every if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name)]
    if wrong:
        raise PamProfilesError(f"{', '.join(map(repr, wrong))}: not a profile's name (a-z, 0-9, '.', '_' and '-')")
    present = params["state"] == "present"
    pending = {str(name): str(text) for name, text in params["pending"].items()} if check_mode else {}
    replaces = str(params["replaces"])
    with_it = [replaces] if replaces else []
    enable, off = (names, [*disable, *with_it]) if present else (with_it, names + disable)
    try:
        work = PamProfiles(enable, off, pending=pending, replaces=replaces)
    except (ValueError, KeyError) as error:
        raise PamProfilesError(f"{FOLDER}/{replaces}.json is unreadable: {error}") from error
    work.check()
    result: dict[str, Any] = {"changed": False, "changed_paths": [], "carried": [], "dropped": []}
    if work.is_done():
        return result
    outcome = work.plan(overwrite_local_edits=params["overwrite_local_edits"])
    if not check_mode:
        work.apply(outcome)
    result.update(changed=True, changed_paths=sorted(outcome.live), carried=outcome.carried, dropped=outcome.dropped)
    if with_diff:
        result["diff"] = work.diff(outcome)
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = run(module.params, check_mode=module.check_mode, with_diff=module._diff)
    except PamProfilesError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error}: the next run does what is left to do")
    for what in result["dropped"]:
        module.warn(f"goes from the login stacks of this host: {what}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
