#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of the browsers' policy files, ours and those of others."""

from __future__ import annotations

DOCUMENTATION = r"""
module: browser_policy_files
short_description: Keep the policy files of browsers, and nothing beside them that contradicts
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Chromium, Google Chrome and Microsoft Edge read every file of a folder. What others there set to another value is
    taken out of their files. One that is no JSON says nothing to a browser, and is emptied. What was taken out before
    stays out.
  - Firefox reads one file, so that ours would hide what another says. Ours takes on the policies of the one before it
    that do not contradict.
  - Originals are kept as those of C(browser_policy) of M(ringfence.callcenter.managed_files), which puts them back.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  policies:
    description: Keys and values as they shall be, by browser (V(chromium), V(chrome), V(edge), V(firefox)).
    type: dict
    required: true
  keep:
    description: Leave the files of others as they are.
    type: bool
    default: false
  directories:
    description: Folders to keep, those on the way to the files among them. They belong to root.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path in plain form.
        type: path
        required: true
      mode:
        description: Four octal digits in quotes.
        type: str
        default: '0755'
"""

EXAMPLES = r"""
- name: Keep our policies, and take out of the files of others what contradicts them
  ringfence.callcenter.browser_policy_files:
    policies:
      chromium: {URLBlocklist: ['*']}
    directories:
      - path: /etc/chromium/policies/managed
"""

RETURN = r"""
changed_paths:
  description: The paths that were changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/chromium/policies/managed/zz-ringfence.json]
conflicts:
  description: The keys that contradict ours, by file.
  returned: success
  type: dict
  sample: {"/etc/chromium/policies/managed/old.json": ["URLBlocklist"]}
errors:
  description: Everything that was wrong with the call, one sentence each.
  returned: failure
  type: list
  elements: str
"""

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import managed_options
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_call import run
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import ManagedFilesError
from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import Store, StoreError
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import PathState
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _browser_policies as policy_files
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

MANAGED_BY = "browser_policy"
ARGUMENT_SPEC: dict[str, Any] = {
    "policies": {"type": "dict", "required": True},
    "keep": {"type": "bool", "default": False},
    "directories": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"path": {"type": "path", "required": True}, "mode": {"type": "str", "default": "0755"}},
    },
}


def look(
    host: Host, policies: Mapping[str, Mapping[str, Any]], originals: Mapping[str, PathState], *, keep: bool = False
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The files of a host, text by path, and the keys that contradict ours, by file.

    originals: what managed_files saved. Raises ValueError and NotObservable.
    """
    unknown = sorted(set(policies) - {*policy_files.FOLDERS, "firefox"})
    if unknown:
        raise ValueError(f"policies has no browser {', '.join(unknown)}; valid are chrome, chromium, edge, firefox")
    files: dict[str, str] = {}
    conflicts: dict[str, list[str]] = {}
    for browser, wanted in sorted(policies.items()):
        found = policy_files.conflicts(host, browser, wanted)
        conflicts.update(found)
        for path in policy_files.files_of(host, browser):
            # What was changed before is listed again, so that it is not put back.
            if keep or path == policy_files.our_file(browser):
                continue
            if path in found or path in originals or not policy_files.readable(host, browser, path):
                files[path] = _without(host, browser, path, wanted)
        before = _of_firefox(host, wanted, originals) if browser == "firefox" else {}
        files[policy_files.our_file(browser)] = policy_files.text(browser, {**before, **wanted})
    return files, conflicts


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
    params = module.params
    try:
        files, conflicts = look(Host(), params["policies"], Store(MANAGED_BY).paths, keep=params["keep"])
        folders = [{**item, "owner": "root", "group": "root"} for item in params["directories"]]
        told = managed_options.complete(
            managed_by=MANAGED_BY,
            exclusive=True,
            directories=folders,
            files=[managed_options.file(path, content) for path, content in files.items()],
        )
        result = run(told, check_mode=module.check_mode, with_diff=module._diff)
    except ManagedFilesError as error:
        module.fail_json(msg=str(error), errors=error.errors)
    except (NotObservable, OSError, StoreError, ValueError) as error:
        module.fail_json(msg=str(error), errors=[str(error)])
    for said in result.pop("warnings", []):
        module.warn(said)
    module.exit_json(**result, conflicts=conflicts)


if __name__ == "__main__":
    main()
