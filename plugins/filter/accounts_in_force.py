# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter accounts_in_force."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accounts_in_force
short_description: Names of exempt accounts whose record is in force
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Takes the accounts that a site has on record, usually C(administration.accounts) of the site model, and gives the
    names of those whose record has not run out today, in UTC. The last day counts.
  - A record without C(name), C(reason) or C(owner) is an error. One without C(expires) has no end.
options:
  _input:
    description: The records.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show who is exempt today
  ansible.builtin.debug:
    msg: "{{ ringfence_administration_accounts | default([]) | ringfence.callcenter.accounts_in_force }}"
"""

RETURN = r"""
_value:
  description: The names, sorted.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exempt_accounts import RecordError, in_force


def accounts_in_force(records: Iterable[Any]) -> list[str]:
    """The names of the accounts whose records are in force."""
    try:
        return in_force(records)
    except RecordError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"accounts_in_force": accounts_in_force}
