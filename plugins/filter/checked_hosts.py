# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a playbook's first play, given only when the run has something to do."""

from __future__ import annotations

DOCUMENTATION = r"""
name: checked_hosts
short_description: Hosts of a play, unless the run would do nothing
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Gives back the pattern of hosts that it is given, or fails with what is wrong with the run. As C(hosts) of the first
    play of a playbook it is rendered before anything is done, whatever C(--limit) says.
  - Refused are an ansible-core that is too old, an inventory without hosts where the playbook contacts hosts, a
    C(--limit) that leaves out this machine where it contacts none, and C(--tags) and C(--skip-tags) that no task has.
  - Of limit and tags nothing is said when a playbook of somebody else imports ours, or by C(--syntax-check).
positional: _input
options:
  _input:
    description: The pattern of hosts.
    type: raw
    required: true
  contacts_hosts:
    description: Whether the playbook contacts the hosts of the inventory.
    type: bool
    default: false
  role_tags:
    description: Whether each role of the collection is a tag of the playbook.
    type: bool
    default: false
  answers:
    description:
      - The playbook whose answers are looked at, where it writes site models. Of the variables that it takes with C(-e)
        each must be what the playbook needs, and others are refused.
    type: str
    choices: [new_site, onboard_client, offboard_client]
  refuse_because:
    description: Refuses the run for this reason; when it is empty, nothing is refused for it.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Assert that the inventory has hosts
  hosts: "{{ 'localhost' | ringfence.callcenter.checked_hosts(contacts_hosts=true) }}"
  gather_facts: false
"""

RETURN = r"""
_value:
  description: The pattern of hosts.
  type: raw
"""

import contextlib
import os
from collections.abc import Callable
from typing import Any

from ansible import context
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.module_utils.common.validation import check_type_dict
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.splitter import parse_kv
from ansible.release import __version__ as ansible_version
from ansible.utils.vars import load_extra_vars
from jinja2 import pass_context

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import run_request
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.answers import (
    ANSWERS,
    MAPPINGS,
    wrong_answers,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import path_text

_ROLES = os.path.join(COLLECTION_ROOT, "roles")
_PLAYBOOKS = os.path.join(COLLECTION_ROOT, "playbooks")


@pass_context
def checked_hosts(
    variables: Any,
    hosts: Any,
    *,
    contacts_hosts: bool = False,
    role_tags: bool = False,
    answers: str | None = None,
    refuse_because: str = "",
) -> Any:
    """The hosts, when the run has something to do."""
    if context.CLIARGS.get("syntax"):
        return hosts
    try:
        run_request.check_core(ansible_version)
        if contacts_hosts:
            sources = [str(source) for source in variables.get("ansible_inventory_sources") or []]
            run_request.check_hosts(variables.get("groups", {}).get("all", []), sources)
        if _asked_for_ours():
            if not contacts_hosts:
                run_request.check_limit(str(variables.get("ansible_limit") or ""))
            valid = sorted(os.listdir(_ROLES)) if role_tags else []
            run_request.check_tags(
                variables.get("ansible_run_tags") or [], variables.get("ansible_skip_tags") or [], valid
            )
            if answers:
                run_request.check_answers(load_extra_vars(DataLoader()), list(ANSWERS[answers]), _extra_options())
        if answers:
            _check_values(variables, answers)
        if refuse_because:
            raise run_request.RunRefused(refuse_because)
    except run_request.RunRefused as refused:
        raise AnsibleFilterError(str(refused)) from refused
    return hosts


def _check_values(variables: Any, playbook: str) -> None:
    """Refuse answers that are not what the playbook needs: those of -e as they were written, others as they came."""
    options, extra = _extra_options(), load_extra_vars(DataLoader())
    given = {key: extra[key] if key in extra else variables.get(key) for key in ANSWERS[playbook]}
    given = {key: _read_as(key, value) for key, value in given.items() if key in extra or value is not None}
    wrong = wrong_answers(playbook, given)
    if wrong:
        said = []
        for problem in wrong:
            where = run_request.given_in(str(problem.path[0]), options, _read)
            said.append(problem.text(where) if where else f"{path_text(problem.path)}: {problem.message}")
        raise run_request.RunRefused("\n  ".join(["Nothing has been touched, because of the answers:", *said]))


def _read_as(key: str, value: Any) -> Any:
    """A value as Ansible reads it for its key: JSON and KEY=VALUE are mappings where one is needed."""
    if key in MAPPINGS and isinstance(value, str):
        with contextlib.suppress(TypeError):
            return check_type_dict(value)
    return value


def _extra_options() -> list[str]:
    return [str(option) for option in context.CLIARGS.get("extra_vars") or ()]


def _read(option: str) -> Any:
    """The variables of one -e; none when that is a file which only Ansible can decrypt."""
    try:
        if option.startswith("@"):
            return DataLoader().load_from_file(option[1:])
        return DataLoader().load(option) if option.startswith(("{", "[")) else parse_kv(option)
    except AnsibleError:
        return {}


def _asked_for_ours() -> bool:
    """Whether the playbooks of the command line are all of this collection."""
    named = [str(name) for name in context.CLIARGS.get("args") or []]
    return all(
        name.startswith("ringfence.callcenter.")
        or os.path.dirname(os.path.realpath(name)) == os.path.realpath(_PLAYBOOKS)
        for name in named
    )


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"checked_hosts": checked_hosts}
