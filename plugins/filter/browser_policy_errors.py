# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what is wrong with the role's settings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: browser_policy_errors
short_description: Everything that is wrong with the settings of browser_policy
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - One sentence for each mistake, naming the variable, the entry and what is valid. Nothing when there is none.
options:
  _input:
    description:
      - The variables of the role P(ringfence.callcenter.browser_policy#role) without C(browser_policy_) in front, such
        as C(sites_allowed), C(browsers) and C(proxy).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse wrong settings
  ansible.builtin.assert:
    that: settings | ringfence.callcenter.browser_policy_errors | length == 0
"""

RETURN = r"""
_value:
  description: The sentences.
  type: list
  elements: str
  sample: ["browser_policy_sites_allowed[0] 'ftp://x' has the scheme ftp; valid is a host name"]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.policies import (
    SettingsError,
    read_settings,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain


def browser_policy_errors(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with the settings."""
    try:
        read_settings(plain(settings))
    except SettingsError as error:
        return error.errors
    return []


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"browser_policy_errors": browser_policy_errors}
