# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters about firewall rules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: firewall_rules_sha256
short_description: Digest of the ruleset that firewall rules render to
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Renders rules as M(ringfence.callcenter.firewall_ruleset) does, and gives the SHA-256 digest of the text with the
    chains' policies and the review dates blanked. The audit compares it with the ruleset on the host.
extends_documentation_fragment:
  - ringfence.callcenter.firewall_rules
"""

EXAMPLES = r"""
- name: Show the digest of a host's rules
  ansible.builtin.debug:
    msg: "{{ {'firewall_rules': firewall_rules} | ringfence.callcenter.firewall_rules_sha256 }}"
"""

RETURN = r"""
_value:
  description: The digest in hexadecimal.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.nft_ruleset_file import rules_sha256
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import build


def firewall_rules_sha256(rules: Mapping[str, Any], **options: Any) -> str:
    """The digest of the ruleset of these lists of rules."""
    try:
        return rules_sha256(build(rules, **options))
    except RulesError as error:
        raise AnsibleFilterError(f"the firewall rules are refused: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"firewall_rules_sha256": firewall_rules_sha256}
