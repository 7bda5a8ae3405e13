# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter firewall_lockdown."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_lockdown
short_description: Ruleset that keeps a host closed to everybody but its administrators
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Renders those of the rules that open an administration port, as M(ringfence.callcenter.firewall_ruleset) does.
  - The role C(firewall) has it loaded at boot where the whole ruleset cannot be.
extends_documentation_fragment:
  - ringfence.callcenter.firewall_rules
"""

EXAMPLES = r"""
- name: Show what is in force on a host whose ruleset cannot be loaded
  ansible.builtin.debug:
    msg: "{{ {'firewall_rules': firewall_rules} | ringfence.callcenter.firewall_lockdown }}"
"""

RETURN = r"""
_value:
  description: The ruleset, for C(nft -f).
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import lockdown


def firewall_lockdown(rules: Mapping[str, Any], **options: Any) -> str:
    """The ruleset of a locked-down host with these lists of rules."""
    try:
        return lockdown(rules, **options)
    except RulesError as error:
        raise AnsibleFilterError(f"the firewall rules are refused: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"firewall_lockdown": firewall_lockdown}
