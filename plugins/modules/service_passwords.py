#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/service_passwords."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_passwords
short_description: Close services of a host that a vendor's default login opens
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Asks the services that run on the host, on this host only. PostgreSQL and MariaDB are not asked to log in, the
    verifiers that they keep are compared; Redis and SNMP agents are spoken to in their own protocol.
  - A service for which O(services) has a remedy gets it. Each other one that a well-known login opens is a warning.
  - Passwords are sent to the host on the connection's standard input. None is in a command line, a log, a difference or
    the result.
  - How files were is kept for M(ringfence.callcenter.managed_files) under the keeper V(default_passwords_services).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: It names places and products, never a password.
  idempotent:
    support: full
options:
  services:
    description: What to do with a service that a well-known login opens. There is V(snmp).
    type: dict
    default: {}
    suboptions:
      snmp:
        description: The communities of the SNMP agent.
        type: dict
        suboptions:
          remedy:
            description:
              - V(set) puts O(services.snmp.password) in the place of well-known ones. V(lock) takes their lines out,
                which is refused when the agent would have no community left.
            type: str
            choices: [lock, set]
            required: true
          password:
            description: The community for V(set), of 12 characters or more, without spaces.
            type: str
  known:
    description: Logins to be looked for beside the catalogue, as in M(ringfence.callcenter.account_passwords).
    type: list
    elements: dict
    default: []
  packed:
    description: What the controller sends. It is refused in a playbook.
    type: str
"""

EXAMPLES = r"""
- name: Give the SNMP agent a community of its own
  ringfence.callcenter.service_passwords:
    services:
      snmp:
        remedy: set
        password: "{{ vault_snmp_community }}"
"""

RETURN = r"""
files:
  description: The files that were changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/snmp/snmpd.conf]
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import StoreError
from ansible_collections.ringfence.callcenter.plugins.module_utils.service_passwords import (
    ServiceError,
    ServicePasswords,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "services": {
        "type": "dict",
        "default": {},
        "options": {
            "snmp": {
                "type": "dict",
                "options": {
                    "remedy": {"type": "str", "choices": ["lock", "set"], "required": True},
                    "password": {"type": "str", "no_log": True},
                },
            },
        },
    },
    "known": {"type": "list", "elements": "dict", "default": []},
    # What is above, by the controller. One text, for the same reason as in account_passwords.
    "packed": {"type": "str", "no_log": True},
}


def run(job: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Do the work; the result of the module. job: what the controller packed."""
    work = ServicePasswords(job["catalogue"], job["services"])
    edits = work.plan()
    changed = bool(edits) or work.stale
    if changed and not check_mode:
        work.apply(edits)
    result: dict[str, Any] = {"changed": changed, "files": [edit.path for edit in edits], "warnings": work.warnings}
    if edits:
        result["diff"] = work.diff(edits, job["services"]["snmp"]["remedy"])
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if not module.params["packed"]:
        module.fail_json(msg="the catalogue is missing: this module is run by the action plugin of the same name")
    job = json.loads(zlib.decompress(base64.b64decode(module.params["packed"])))
    try:
        result = run(job, check_mode=module.check_mode)
    except (ServiceError, StoreError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}: the next run does what is left to do")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
