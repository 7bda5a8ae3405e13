# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter firewall_review_dates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_review_dates
short_description: By when firewall rules are to be reviewed
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - The review dates of the rules that M(ringfence.callcenter.firewall_ruleset) loads. The audit compares them with
    those on the host.
extends_documentation_fragment:
  - ringfence.callcenter.firewall_rules
"""

EXAMPLES = r"""
- name: Show by when a host's rules are to be reviewed
  ansible.builtin.debug:
    msg: "{{ {'firewall_rules': firewall_rules} | ringfence.callcenter.firewall_review_dates }}"
"""

RETURN = r"""
_value:
  description: Dates by C(DIRECTION NAME), of the rules that have one.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import compose, review_dates


def firewall_review_dates(rules: Mapping[str, Any], **options: Any) -> dict[str, str]:
    """The review dates of these lists of rules."""
    try:
        return review_dates(compose(rules, **options))
    except RulesError as error:
        raise AnsibleFilterError(f"the firewall rules are refused: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"firewall_review_dates": firewall_review_dates}
