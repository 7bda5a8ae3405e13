#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/auth_delay."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postgresql_auth_delay
short_description: Have every PostgreSQL of this host wait after a wrong password
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Writes one file into C(conf.d) of every cluster in C(/etc/postgresql/VERSION/CLUSTER) that loads the server's own
    library C(auth_delay). Does nothing where there is no cluster.
  - Of several lines C(shared_preload_libraries) the server takes the last. The file names what the other files name and
    C(auth_delay) behind it, so that C(pgaudit) and the like stay; each run works that out anew.
  - A line that would win over the file (of C(ALTER SYSTEM), or of a file that is read later) and a library that is not
    installed are refused before anything is changed. The server's own C(postgres -C) judges the result.
  - A running server is restarted only where C(auth_delay) is not loaded yet, and told to read its files where the pause
    is another. When it does not start, the files are put back and it is started without. One that is down stays down.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  managed_by:
    description: Whose files these are. Not the name that other files of a role have.
    type: str
    required: true
  state:
    description: V(absent) takes the file away; a server that runs with the library for its sake is restarted.
    type: str
    choices: [present, absent]
    default: present
  milliseconds:
    description: The pause, 1 to 60000.
    type: int
    default: 4000
  file:
    description: Name of the file below C(conf.d), which must be read after all others.
    type: str
    required: true
  restart:
    description:
      - V(false) never restarts a server. A restart that it takes is then a warning, and owed, as the pause is not there
        until somebody restarts the server.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Have the databases wait after a wrong password
  ringfence.callcenter.postgresql_auth_delay:
    managed_by: login_delay_databases
    file: zz-ringfence-login-delay.conf
    milliseconds: 4000

- name: Take that away
  ringfence.callcenter.postgresql_auth_delay:
    managed_by: login_delay_databases
    file: zz-ringfence-login-delay.conf
    state: absent
"""

RETURN = r"""
changed_paths:
  description: The files that were changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/postgresql/17/main/conf.d/zz-ringfence-login-delay.conf]
restarted:
  description: The clusters that were restarted, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [17/main]
reloaded:
  description: The clusters that were told to read their files, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: []
restarts_owed:
  description: The clusters that somebody has to restart, with I(restart=false).
  returned: success
  type: list
  elements: str
  sample: []
errors:
  description: Everything that stands in the way, one sentence each.
  returned: failure
  type: list
  elements: str
  sample: ["17/main is told to load pgaudit but there is no /usr/lib/postgresql/17/lib/pgaudit.so: it would not start"]
"""
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import auth_delay

ARGUMENT_SPEC: dict[str, Any] = {
    "managed_by": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "milliseconds": {"type": "int", "default": 4000},
    "file": {"type": "str", "required": True},
    "restart": {"type": "bool", "default": True},
}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    if not 1 <= params["milliseconds"] <= 60000:
        module.fail_json(msg=f"milliseconds is {params['milliseconds']}, valid are 1 to 60000")
    owed: list[str] = []
    try:
        work = auth_delay.AuthDelay(params["managed_by"], params["file"])
        if params["state"] == "present":
            todo = work.present(params["milliseconds"])
            if not params["restart"]:
                owed, todo.restart = todo.restart, []
            if not module.check_mode:
                work.apply_present(todo, params["milliseconds"])
        else:
            todo = work.absent(restart=params["restart"])
            if not module.check_mode:
                work.apply_absent(todo)
    except auth_delay.ERRORS as error:
        module.fail_json(msg=str(error), errors=getattr(error, "errors", [str(error)]))
    except OSError as error:
        module.fail_json(msg=str(error), errors=[str(error)])
    for one in owed:
        module.warn(f"PostgreSQL {one} has to be restarted before it waits after a wrong password")
    for one in [] if module.check_mode else todo.restart:
        module.warn(f"PostgreSQL {one} was restarted, for its libraries are loaded at a start only")
    module.exit_json(**auth_delay.report(todo, with_diff=module._diff), restarts_owed=owed)


if __name__ == "__main__":
    main()
