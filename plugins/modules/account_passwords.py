#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/account_passwords."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_passwords
short_description: Close local accounts that a vendor's default password opens
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Tries the collection's catalogue of vendor defaults, and the logins that O(known) adds, against the hashes of
    C(/etc/shadow), of every scheme that the host's libcrypt knows. Each account is tried with the passwords of its own
    name, with its name, and with a few common ones.
  - Accounts that one of them opens, and accounts without a password, get a remedy. Others are not touched.
  - Nothing is changed when no administrator, or not the account that runs this, would have a way in afterwards.
  - Passwords are sent to the host on the connection's standard input. None is in a command line, a log, a difference or
    the result.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  diff_mode:
    details: It names accounts and products, never a password or a hash.
options:
  state:
    description: V(absent) puts the fields of accounts back that are still as this module left them.
    type: str
    choices: [present, absent]
    default: present
  remedy:
    description:
      - What is done with an account. V(lock) locks the password, so that ssh keys still open it. V(expire) closes the
        account with its keys.
    type: str
    choices: [lock, expire]
    default: lock
  accounts:
    description:
      - Other remedies for single accounts, by name. Each is a mapping with C(remedy), which is V(lock), V(expire) or
        V(set), and for V(set) a C(password) of 12 characters or more. It is set only while a well-known one is there.
    type: dict
    default: {}
  known:
    description: Logins to be looked for beside the catalogue.
    type: list
    elements: dict
    default: []
    suboptions:
      product:
        description: What a finding says.
        type: str
        required: true
      account:
        description: The account.
        type: str
      password:
        description: The password.
        type: str
        required: true
      service:
        description: The service that the login is for. V(login) stands for accounts of the operating system.
        type: str
        default: login
  common:
    description: How many of the passwords that most products come with are tried with every account.
    type: int
    default: 2
  seconds:
    description: The longest that it may try. When that is not enough nothing is changed.
    type: int
    default: 120
  packed:
    description: What the controller sends. It is refused in a playbook.
    type: str
"""

EXAMPLES = r"""
- name: Lock what a default password opens
  ringfence.callcenter.account_passwords:

- name: Give the account of an appliance a password of its own
  ringfence.callcenter.account_passwords:
    accounts:
      pi:
        remedy: set
        password: "{{ vault_pi_password }}"
"""

RETURN = r"""
accounts:
  description: The accounts that were changed, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"account": "pi", "product": "Raspberry Pi OS (images before April 2022)", "remedy": "lock"}]
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import login_account
from ansible_collections.ringfence.callcenter.plugins.module_utils.account_passwords import (
    AccountError,
    AccountPasswords,
    Remedy,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable
from ansible_collections.ringfence.callcenter.plugins.module_utils.shadow_files import ShadowError

#: Ways in that no password of this host closes.
_WITHOUT_ACCOUNT = ("container", "local")
ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "remedy": {"type": "str", "choices": ["lock", "expire"], "default": "lock"},
    "accounts": {"type": "dict", "default": {}},
    "known": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "product": {"type": "str", "required": True},
            "account": {"type": "str"},
            "password": {"type": "str", "required": True, "no_log": True},
            "service": {"type": "str", "default": "login"},
        },
    },
    "common": {"type": "int", "default": 2},
    "seconds": {"type": "int", "default": 120},
    # What is above, by the controller. One text that nobody reads by chance: with each password a secret of its own,
    # the word root would be starred out of every result as soon as it is somebody's default password.
    "packed": {"type": "str", "no_log": True},
}


def run(job: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Do the work; the result of the module. job: what the controller packed."""
    came_in = login_account.came_in(Host())
    work = AccountPasswords(
        job["catalogue"],
        remedy=job["remedy"],
        accounts={name: Remedy(one["remedy"], one.get("password") or "") for name, one in job["accounts"].items()},
        login=None if came_in.way[0] in _WITHOUT_ACCOUNT else came_in,
        seconds=job["seconds"],
    )
    if job["state"] == "absent":
        names = list(work.restorable())
        result: dict[str, Any] = {"changed": work.has_store, "accounts": [{"account": name} for name in names]}
        if work.has_store:
            result["diff"] = work.restore_diff(names)
            if not check_mode:
                work.restore()
        return result
    changes = work.plan()
    if changes and not check_mode:
        work.apply(changes)
    result = {
        "changed": bool(changes),
        "accounts": [{"account": one.account, "product": one.product, "remedy": one.remedy} for one in changes],
    }
    if changes:
        result["diff"] = work.diff(changes)
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if not module.params["packed"]:
        module.fail_json(msg="the catalogue is missing: this module is run by the action plugin of the same name")
    job = json.loads(zlib.decompress(base64.b64decode(module.params["packed"])))
    try:
        result = run(job, check_mode=module.check_mode)
    except (AccountError, NotObservable, ShadowError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}: the next run does what is left to do")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
