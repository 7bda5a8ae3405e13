# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters about vendor defaults."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vendor_defaults
short_description: Logins that products come with, and those of a site
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Takes the logins a site adds, and gives them together with those of the collection's catalogue of vendor defaults,
    in the form that the checks of the role P(ringfence.callcenter.default_passwords#role) send to a host.
  - The result holds passwords. It belongs on a standard input, not into a file or a log.
options:
  _input:
    description: A site's own additions. Each has C(product), C(account), C(password) and C(service).
    type: list
    elements: dict
    required: true
  services:
    description: The services whose logins are wanted. V(login) stands for an account of the operating system.
    type: list
    elements: str
    default: [login]
  common:
    description: How many passwords are given to be tried with every account, those that most products come with.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Count what would be tried with the accounts of a host
  ansible.builtin.debug:
    msg: "{{ ([] | ringfence.callcenter.vendor_defaults).entries | length }}"
"""

RETURN = r"""
_value:
  description: A mapping with C(entries), each with C(product), C(account) and C(password), and C(common), passwords.
  type: dict
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import vendor_defaults as catalogue


def vendor_defaults(own: Sequence[Any], services: Sequence[str] = ("login",), common: int = 0) -> dict[str, Any]:
    """The logins of the catalogue and of a site for some services."""
    try:
        # A site's own come first: where both know a login, the site's name for it is shown.
        logins = catalogue.parse_own(own, "the list of additions") + catalogue.load()
    except catalogue.VendorDefaultsError as problem:
        raise AnsibleFilterError(str(problem)) from problem
    return catalogue.select(logins, services, int(common))


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"vendor_defaults": vendor_defaults}
