#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of the look at other browser policy files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: browser_policy_conflicts
short_description: Find browser policy files that contradict ours
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Chromium, Google Chrome and Microsoft Edge read every file of a folder, Firefox one of several. Finds those besides
    the role's own that set a key of it to another value or are no JSON, and those emptied before, so that they stay
    empty.
  - Changes nothing. The files go to M(ringfence.callcenter.managed_files), which keeps the originals.
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
  policies:
    description: Keys and values as they shall be, by browser (V(chromium), V(chrome), V(edge), V(firefox)).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Find policy files that contradict ours
  ringfence.callcenter.browser_policy_conflicts:
    policies:
      chromium: {URLBlocklist: ['*']}
  register: others

- name: Keep our policies, and empty the others
  ringfence.callcenter.managed_files:
    keeper: browser_policy
    files: "{{ my_policy_files + others.files }}"
"""

RETURN = r"""
files:
  description: The files, as M(ringfence.callcenter.managed_files) takes them.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/etc/chromium/policies/managed/old.json", "content": "{}\n"}]
conflicts:
  description: The keys that contradict ours, by file.
  returned: success
  type: dict
  sample: {"/etc/chromium/policies/managed/old.json": ["URLBlocklist"]}
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _browser_policies as policy_files
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable


def look(host: Host, policies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The module's result for a host. Raises ValueError and NotObservable."""
    unknown = sorted(set(policies) - {*policy_files.FOLDERS, "firefox"})
    if unknown:
        raise ValueError(f"policies has no browser {', '.join(unknown)}; valid are chrome, chromium, edge, firefox")
    files, conflicts = [], {}
    for browser, wanted in sorted(policies.items()):
        found = policy_files.conflicts(host, browser, wanted)
        conflicts.update(found)
        empty = policy_files.empty_text(browser)
        for path in policy_files.files_of(host, browser):
            if path == policy_files.our_file(browser):
                continue
            if path in found or not policy_files.readable(host, browser, path) or host.read(path) == empty:
                files.append({"path": path, "content": empty})
    return {"changed": False, "files": files, "conflicts": conflicts}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec={"policies": {"type": "dict", "required": True}}, supports_check_mode=True)
    try:
        result = look(Host(), module.params["policies"])
    except (NotObservable, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
