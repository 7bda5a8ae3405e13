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
  - Databases are changed by their administrator over their local socket, with verifiers that are computed before. The
    account that this comes by is never closed, so that the server keeps a way in.
  - Passwords are sent to the host on the connection's standard input. None is in a command line, a log, a difference or
    the result.
  - How files were is kept for M(ringfence.callcenter.managed_files) as those of V(default_passwords_services), how
    accounts of databases were in C(/var/lib/ringfence/default_passwords), readable by root only.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  diff_mode:
    details: It names places and products, never a password.
options:
  state:
    description:
      - V(absent) puts back accounts of databases that are still as they were left. Files are put back by
        M(ringfence.callcenter.managed_files).
    type: str
    choices: [present, absent]
    default: present
  services:
    description: What to do with a service that a well-known login opens.
    type: dict
    default: {}
    suboptions:
      postgresql:
        description: The roles of PostgreSQL, of all servers on the host.
        type: dict
        suboptions:
          remedy:
            description:
              - What becomes of roles that are not in O(services.postgresql.accounts). V(lock) takes the password
                away, so that the role still comes in by C(peer) and the like. V(expire) takes the right to log in.
              - Without it they are left alone.
            type: str
            choices: [lock, expire]
          accounts:
            description:
              - Other remedies for single roles, by name. Each has C(remedy), V(lock), V(expire) or V(set), and for
                V(set) a C(password) of 12 printable ASCII characters or more.
            type: dict
            default: {}
      mysql:
        description: The accounts of MariaDB.
        type: dict
        suboptions:
          remedy:
            description:
              - What becomes of accounts that are not in O(services.mysql.accounts). V(lock) takes the password
                away, so that the account still comes in by C(unix_socket) and the like. V(expire) locks the account.
              - Without it they are left alone.
              - The account by which the server is administered comes in by C(unix_socket) afterwards, if it came in by
                an empty password before.
            type: str
            choices: [lock, expire]
          accounts:
            description: As O(services.postgresql.accounts), by C(user@host) or by C(user).
            type: dict
            default: {}
      redis:
        description: The account C(default) of Redis.
        type: dict
        suboptions:
          remedy:
            description: V(set) gives it O(services.redis.password), in its configuration and while it runs.
            type: str
            choices: [set]
            required: true
          password:
            description: The password, of 12 characters or more, letters, digits and C(_.:+/=@%^,~-).
            type: str
            required: true
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

- name: Close what opens databases by a well-known password, and give the dialler's role another one
  ringfence.callcenter.service_passwords:
    services:
      postgresql:
        remedy: lock
        accounts:
          dialler: {remedy: set, password: "{{ vault_dialler }}"}
      mysql:
        remedy: lock
"""

RETURN = r"""
accounts:
  description: The accounts of databases that were changed, or would be, and how.
  returned: success
  type: list
  elements: str
  sample: ["postgresql 5432: app: the password is taken away"]
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

from ansible_collections.ringfence.callcenter.plugins.module_utils.database_accounts import ServiceError
from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import StoreError
from ansible_collections.ringfence.callcenter.plugins.module_utils.service_passwords import (
    ServicePasswords,
    account_diff,
)

_DATABASE: dict[str, Any] = {
    "type": "dict",
    "options": {
        "remedy": {"type": "str", "choices": ["lock", "expire"]},
        "accounts": {"type": "dict", "default": {}},
    },
}
ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "services": {
        "type": "dict",
        "default": {},
        "options": {
            "postgresql": _DATABASE,
            "mysql": _DATABASE,
            "redis": {
                "type": "dict",
                "options": {
                    "remedy": {"type": "str", "choices": ["set"], "required": True},
                    "password": {"type": "str", "no_log": True, "required": True},
                },
            },
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
    if job["state"] == "absent":
        changes = work.restore(check_mode=check_mode)
        return {
            "changed": bool(changes),
            "files": [],
            "accounts": [f"{one.label}: {one.said}" for one in changes],
            "diff": account_diff(changes),
        }
    plan = work.plan()
    if not plan.is_empty and not check_mode:
        work.apply(plan)
    return {
        "changed": not plan.is_empty,
        "files": plan.paths,
        "accounts": [f"{one.label}: {one.said}" for one in plan.accounts],
        "warnings": work.warnings,
        "diff": work.diff(plan),
    }


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
        module.fail_json(
            msg=f"{error.filename or 'a service'}: {error.strerror or error}: the next run does what is left to do"
        )
    for said in result.pop("warnings", []):
        module.warn(said)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
