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
  - Chromium, Google Chrome and Microsoft Edge read every file of a folder. Finds those besides the role's own that set
    a key of it to another value, and gives them without these keys. One that is no JSON says nothing to a browser, and
    is emptied. What was taken out before stays out.
  - Firefox reads one file, so that the role's own would hide what another says. Gives the role's with the policies of
    the one before it that do not contradict.
  - Changes nothing. The files go to M(ringfence.callcenter.managed_files), which keeps the originals, and names what
    goes.
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
  keep:
    description: Leave the files of others as they are, and only give Firefox's.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Find policy files that contradict ours
  ringfence.callcenter.browser_policy_conflicts:
    policies:
      chromium: {URLBlocklist: ['*']}
  register: others

- name: Keep our policies, and take out of the others what contradicts them
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

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import Store, StoreError
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import PathState
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _browser_policies as policy_files
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

ARGUMENT_SPEC: dict[str, Any] = {
    "policies": {"type": "dict", "required": True},
    "keep": {"type": "bool", "default": False},
}


def look(
    host: Host, policies: Mapping[str, Mapping[str, Any]], originals: Mapping[str, PathState], *, keep: bool = False
) -> dict[str, Any]:
    """The module's result for a host. originals: what managed_files saved. Raises ValueError and NotObservable."""
    unknown = sorted(set(policies) - {*policy_files.FOLDERS, "firefox"})
    if unknown:
        raise ValueError(f"policies has no browser {', '.join(unknown)}; valid are chrome, chromium, edge, firefox")
    files, conflicts = [], {}
    for browser, wanted in sorted(policies.items()):
        found = policy_files.conflicts(host, browser, wanted)
        conflicts.update(found)
        for path in policy_files.files_of(host, browser):
            # What was changed before is listed again, so that it is not put back.
            if keep or path == policy_files.our_file(browser):
                continue
            if path in found or path in originals or not policy_files.readable(host, browser, path):
                files.append({"path": path, "content": _without(host, browser, path, wanted)})
        kept = _of_firefox(host, wanted, originals) if browser == "firefox" else {}
        if kept:
            content = json.dumps({"policies": {**kept, **wanted}}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            files.append({"path": policy_files.FIREFOX, "content": content})
    return {"changed": False, "files": files, "conflicts": conflicts}


def _without(host: Host, browser: str, path: str, wanted: Mapping[str, Any]) -> str:
    """The text of a file without what contradicts; as it is when nothing does."""
    try:
        other = policy_files.read(host, browser, path)
    except policy_files.Unreadable:
        return policy_files.empty_text(browser)
    left = {key: value for key, value in other.items() if key not in wanted or value == wanted[key]}
    if left == other:
        return host.read(path) or ""
    document = {"policies": left} if browser == "firefox" else left
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n" if left else policy_files.empty_text(browser)


def _of_firefox(host: Host, wanted: Mapping[str, Any], originals: Mapping[str, PathState]) -> dict[str, Any]:
    """The policies for Firefox that counted before the role came and do not contradict."""
    for path in (policy_files.FIREFOX, *policy_files.FIREFOX_BESIDE):
        if path in originals:
            content = originals[path].content
            text = None if content is None else content.decode("utf-8", "replace")
        else:
            text = host.read(path)
        if text is None:
            continue
        try:
            found = policy_files.parse("firefox", path, text)
        except policy_files.Unreadable:
            return {}
        return {key: value for key, value in found.items() if key not in wanted}
    return {}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        originals = Store("browser_policy").paths
        result = look(Host(), module.params["policies"], originals, keep=module.params["keep"])
    except (NotObservable, StoreError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
