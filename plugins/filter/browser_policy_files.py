# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: policy files from policies."""

from __future__ import annotations

DOCUMENTATION = r"""
name: browser_policy_files
short_description: Policy files of each browser
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Writes the policies that P(ringfence.callcenter.browser_policies#filter) gives as the text of each browser's
    policy file.
options:
  _input:
    description: Keys and values by control and browser.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the policy files
  ringfence.callcenter.managed_files:
    keeper: browser_policy
    files: "{{ settings | ringfence.callcenter.browser_policies | ringfence.callcenter.browser_policy_files }}"
"""

RETURN = r"""
_value:
  description: The files, as M(ringfence.callcenter.managed_files) takes them.
  type: list
  elements: dict
  sample: [{"path": "/etc/firefox/policies/policies.json", "content": "{}"}]
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._browser_policies import our_file
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain


def by_browser(policies: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """All policies of each browser, whatever control they serve."""
    merged: dict[str, dict[str, Any]] = {}
    for browsers in policies.values():
        for browser, keys in browsers.items():
            merged.setdefault(browser, {}).update(keys)
    return merged


def browser_policy_files(policies: Mapping[str, Any]) -> list[dict[str, str]]:
    """The policy files."""
    files = []
    for browser, keys in by_browser(plain(policies)).items():
        document = {"policies": keys} if browser == "firefox" else keys
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        files.append({"path": our_file(browser), "content": text})
    return files


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"browser_policy_files": browser_policy_files}
