#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/login_account and login_objections."""

from __future__ import annotations

DOCUMENTATION = r"""
module: login_account
short_description: By which account and which way this run came in, and whether a change would shut it out
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Asks the host. The tree of processes shows whose session of sshd the task runs in, and by what program it became
    another account, so that C(~/.ssh/config), C(ansible_user) and C(--become) need not be known.
  - Knows ssh, sudo, su, doas, runuser, pkexec, a console, a container engine and a local connection.
  - Fails when a change named in O(would) would shut that account out, naming the ways out. Nothing is changed; a role
    calls it before its first change.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  accounts:
    description:
      - The accounts by which people or automation come in, on record in the site model as C(administration.accounts).
      - Each has C(name), C(reason), C(owner) and C(expires), an ISO date. After that day the record counts no more.
        Without one it has no end.
    type: list
    elements: dict
    default: []
  would:
    description: What the caller is about to do.
    type: dict
    default: {}
    suboptions:
      age_passwords:
        description: Passwords may get so old. An account whose password is that old already is refused.
        type: dict
        suboptions:
          maximum_days:
            description: Days, 0 for without end.
            type: int
            required: true
          warning_days:
            description: Days before the end from which on there is a warning.
            type: int
            default: 7
          exempt:
            description: Accounts that are left alone.
            type: list
            elements: str
            default: []
          setting:
            description: The variable to name as a way out.
            type: str
            required: true
      lock_accounts:
        description: Accounts are locked after wrong passwords, as pam_faillock counts them.
        type: dict
        suboptions:
          attempts:
            description: How many.
            type: int
            required: true
          count_minutes:
            description: Within how many minutes.
            type: int
            required: true
          lock_minutes:
            description: For how many minutes; 0 for until somebody unlocks it.
            type: int
            required: true
          folder:
            description: Where they are counted.
            type: path
            required: true
          root:
            description: Whether root is locked as well.
            type: bool
            default: false
          exempt:
            description: Accounts that are never locked.
            type: list
            elements: str
            default: []
          setting:
            description: The variable to name as a way out.
            type: str
            required: true
      set_group:
        description: A group gets exactly these members.
        type: dict
        suboptions:
          name:
            description: The group.
            type: str
            required: true
          members:
            description: Login names.
            type: list
            elements: str
            default: []
          setting:
            description: The variable to name as a way out.
            type: str
            required: true
      open_ports:
        description: A packet filter lets connections in to these TCP ports and to no others.
        type: dict
        suboptions:
          ports:
            description: Ports such as V(22) and ranges such as V(8000-8099).
            type: list
            elements: str
            required: true
          setting:
            description: The variable to name as a way out.
            type: str
            required: true
      ban_ports:
        description: Source addresses that fail over ssh are banned from these ports.
        type: dict
        suboptions:
          ports:
            description:
              - Numbers and names of services.
              - V(ssh) stands for all that sshd listens on, an empty list for all there are.
            type: list
            elements: str
            required: true
          setting:
            description: The variable to name as a way out.
            type: str
            required: true
"""

EXAMPLES = r"""
- name: See who came in, and refuse what would shut that account out
  ringfence.callcenter.login_account:
    accounts: "{{ ringfence_administration_accounts | default([]) }}"
    would:
      age_passwords:
        maximum_days: 90
        exempt: [root]
        setting: password_policy_age_exempt
  register: came_in
"""

RETURN = r"""
account:
  description: The account that the connection belongs to, whoever it has become since.
  returned: always
  type: str
  sample: automation
uid:
  description: Its number.
  returned: always
  type: int
  sample: 1000
way:
  description:
    - The way in, from the outside. It begins with V(ssh), V(console), V(container) or V(local).
    - V(sudo), V(su), V(doas), V(runuser) and V(pkexec) follow where one account became another.
  returned: always
  type: list
  elements: str
  sample: [ssh, sudo]
address:
  description: Where the connection comes from; empty without ssh.
  returned: always
  type: str
  sample: 192.0.2.10
server_port:
  description: The port of this host that it came in by; none without ssh.
  returned: always
  type: int
  sample: 22
tty:
  description: Whether the session has a terminal.
  returned: always
  type: bool
  sample: false
sshd_ports:
  description: The ports that sshd listens on.
  returned: always
  type: list
  elements: int
  sample: [22]
password_last_changed:
  description: The day on which the password of the account was last changed; none without a local password.
  returned: always
  type: str
  sample: '2026-08-30'
password_days_left:
  description: Days until it must be changed, as the account is now; none when it does not age.
  returned: always
  type: int
  sample: 12
locked:
  description: Whether wrong passwords keep the account locked now.
  returned: always
  type: bool
  sample: false
groups:
  description: The groups of the account.
  returned: always
  type: list
  elements: str
  sample: [automation, sudo]
shell:
  description: Its login shell.
  returned: always
  type: str
  sample: /bin/bash
on_record:
  description: Whether the account is one of O(accounts).
  returned: always
  type: bool
  sample: true
exempt:
  description: Whether it is, and the record is in force.
  returned: always
  type: bool
  sample: true
objections:
  description: Why the account would be shut out, and the ways out, one text each.
  returned: always
  type: list
  elements: str
  sample: []
"""

import platform
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import (
    login_account,
    login_objections,
    login_state,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _sshd_ports
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

_SETTING: dict[str, Any] = {"setting": {"type": "str", "required": True}}
_NAMES: dict[str, Any] = {"type": "list", "elements": "str", "default": []}


def _number(default: int | None = None) -> dict[str, Any]:
    return {"type": "int", "required": True} if default is None else {"type": "int", "default": default}


_WOULD: dict[str, Any] = {
    "age_passwords": {"maximum_days": _number(), "warning_days": _number(7), "exempt": _NAMES},
    "lock_accounts": {
        "attempts": _number(),
        "count_minutes": _number(),
        "lock_minutes": _number(),
        "folder": {"type": "path", "required": True},
        "root": {"type": "bool", "default": False},
        "exempt": _NAMES,
    },
    "set_group": {"name": {"type": "str", "required": True}, "members": _NAMES},
    "open_ports": {"ports": {"type": "list", "elements": "str", "required": True}},
    "ban_ports": {"ports": {"type": "list", "elements": "str", "required": True}},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "accounts": {"type": "list", "elements": "dict", "default": []},
    "would": {
        "type": "dict",
        "default": {},
        # Settings of passwords' ages, and no password.
        "options": {
            kind: {"type": "dict", "no_log": False, "options": {**options, **_SETTING}}
            for kind, options in _WOULD.items()
        },
    },
}


def seen(now: login_objections.Situation) -> dict[str, Any]:
    """What is told of the account."""
    login, host = now.login, now.host
    entry = login_account.account(host, login.account)
    ages = login_state.ages(host, login.account) if host.is_root else None
    changed = None if ages is None else ages.changed
    left = None if ages is None or changed is None or ages.maximum is None else changed + ages.maximum - now.today
    lock = login_state.rule(host)
    return {
        "account": login.account,
        "uid": login.uid,
        "way": list(login.way),
        "address": login.address,
        "server_port": login.server_port,
        "tty": login.terminal,
        "sshd_ports": list(now.sshd_ports),
        "password_last_changed": None if changed is None else login_state.date(changed),
        "password_days_left": left,
        "locked": bool(lock and login_state.is_locked(host, login.account, login.uid, lock, now.now)),
        "groups": login_account.groups(host, entry) if entry else [],
        "shell": entry.shell if entry else "",
        "on_record": now.on_record(login.account) is not None,
        "exempt": now.is_exempt(login.account),
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    host = Host()
    try:
        login = login_account.came_in(host)
        ports = _sshd_ports.ports(host) if host.is_root else []
        if login.server_port and login.server_port not in ports:
            ports = sorted([*ports, login.server_port])
        now = login_objections.Situation(host, login, time.time(), ports, module.params["accounts"])
        outcome = login_objections.look(now, module.params["would"])
        result = {**seen(now), "objections": outcome.objections}
    except NotObservable as error:
        module.fail_json(msg=str(error))
    for text in outcome.warnings:
        module.warn(text)
    if outcome.objections:
        module.fail_json(msg=login_objections.refusal(login, platform.node(), outcome), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
