#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: what a command makes once, such as a key or an index."""

from __future__ import annotations

DOCUMENTATION = r"""
module: generated_path
short_description: Have a file or folder that a command makes
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Runs a command where a path is not there, such as one that makes a key or an index.
  - What is made belongs to the host. I(state=absent) removes it, and nothing puts it back.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  path:
    description: Absolute path of what the command makes.
    type: path
    required: true
  argv:
    description: The command as a list of words. Needed with O(state=present).
    type: list
    elements: str
    default: []
  mode:
    description:
      - Four octal digits in quotes. Kept on a file that root owns, which a link is not followed to. Left alone when
        absent.
    type: str
  filled:
    description: An empty file counts as none.
    type: bool
    default: false
  state:
    description: V(absent) removes the path, a folder with all that is in it.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Build the dictionary that new passwords are looked up in
  ringfence.callcenter.generated_path:
    path: /var/cache/cracklib/cracklib_dict.pwd
    argv: [/usr/sbin/update-cracklib]
    filled: true
"""

RETURN = r"""
commands:
  description: The commands that were run, or in check mode would be.
  returned: success
  type: list
  elements: list
  sample: [[/usr/sbin/update-cracklib]]
"""

import os
import re
import shutil
import stat
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

ARGUMENT_SPEC: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "argv": {"type": "list", "elements": "str", "default": []},
    "mode": {"type": "str"},
    "filled": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def look(path: str, *, filled: bool = False) -> str:
    """What is at a path, links not followed, as a line for a difference. filled: an empty file is none."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return "absent"
    if filled and stat.S_ISREG(found.st_mode) and not found.st_size:
        return "empty"
    return f"mode {stat.S_IMODE(found.st_mode):04o}, owner {found.st_uid}"


def remove(path: str) -> None:
    """Remove a file, a link or a folder with all that is in it."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def keep_mode(path: str, mode: int) -> None:
    """Give a file its mode, and to root; OSError where it is a link."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fchown(handle, 0, 0)
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def complaint(params: Mapping[str, Any]) -> str | None:
    """What is wrong with the options, None where nothing is."""
    if not os.path.isabs(params["path"]):
        return f"path is {params['path']}, valid is an absolute path"
    if params["mode"] is not None and not re.fullmatch(r"[0-7]{4}", params["mode"]):
        return f"mode is {params['mode']!r}, valid are four octal digits in quotes, such as '0600'"
    if params["state"] == "present" and not params["argv"]:
        return "argv is empty, valid is the command that makes the path"
    return None


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if wrong := complaint(module.params):
        module.fail_json(msg=wrong)
    path, argv, mode = module.params["path"], module.params["argv"], module.params["mode"]
    present = module.params["state"] == "present"
    try:
        filled = bool(module.params["filled"])
        before = look(path, filled=filled)
        commands = [argv] if present and before in ("absent", "empty") else []
        wanted = before if present and not commands else "made" if present else "absent"
        if present and mode is not None:
            wanted = f"mode {mode}, owner 0"
        changed = before != wanted
        if commands and not module.check_mode:
            if before == "empty":
                os.unlink(path)  # what makes it may look only whether it is there
            rc, out, err = module.run_command(argv)
            if rc != 0 or look(path, filled=filled) in ("absent", "empty"):
                said = (err or out).strip() or "it said nothing"
                module.fail_json(msg=f"{path} is not there after {argv[0]} ended with {rc}: {said}")
        if changed and not module.check_mode:
            if not present:
                remove(path)
            elif mode is not None:
                keep_mode(path, int(mode, 8))
    except OSError as problem:
        module.fail_json(msg=f"{problem.filename or path}: {problem.strerror}")
    diff = {"before": f"{path}: {before}\n", "after": f"{path}: {wanted}\n"}
    module.exit_json(changed=changed, commands=commands, diff=diff)


if __name__ == "__main__":
    main()
