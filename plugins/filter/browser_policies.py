# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: browser policies from the role's settings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: browser_policies
short_description: Policies of each browser from the settings of browser_policy
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Turns allowed sites and the other settings into each browser's own policy keys, by the control they serve. Only keys
    that the oldest version in use knows are given.
options:
  _input:
    description:
      - The variables of the role P(ringfence.callcenter.browser_policy#role) without C(browser_policy_) in front, such
        as C(sites_allowed), C(browsers) and C(proxy).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the policies of Firefox
  ansible.builtin.debug:
    msg: "{{ settings | ringfence.callcenter.browser_policies | dict2items | map(attribute='value.firefox') }}"
"""

RETURN = r"""
_value:
  description: Policy keys and their values, by control and browser.
  type: dict
  sample: {"private_mode_off": {"firefox": {"DisablePrivateBrowsing": true}}}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.policies import (
    Policies,
    SettingsError,
    policies,
    read_settings,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain


def browser_policies(settings: Mapping[str, Any]) -> Policies:
    """The policies by control and browser."""
    try:
        return policies(read_settings(plain(settings)))
    except SettingsError as error:
        raise AnsibleFilterError(f"the browser policies are refused: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"browser_policies": browser_policies}
