# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what other programs import from an evidence bundle, on the controller."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, exports, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary

ARGUMENT_SPEC = {
    "bundle": {"type": "path", "required": True},
    "formats": {"type": "list", "elements": "str", "choices": list(exports.FORMATS), "required": True},
    "directory": {"type": "path"},
}


class ActionModule(ActionBase):
    """Export one bundle."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write the files that differ from those that are there; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        try:
            sealed = sealed_bundle.read(arguments["bundle"])
            wanted: dict[str, bytes] = {}
            for name in dict.fromkeys(arguments["formats"]):
                wanted.update(exports.FORMATS[name](sealed))
        except (bundle.BundleError, MissingLibrary) as problem:
            raise AnsibleActionFail(str(problem)) from problem
        folder = arguments["directory"] or os.path.join(os.path.dirname(sealed.path), "exports", sealed.name)
        try:
            written = _write(folder, wanted, dry=bool(self._task.check_mode))
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or folder}: {problem.strerror}") from problem
        files = [os.path.join(folder, path) for path in sorted(wanted)]
        result.update(changed=bool(written), run=sealed.name, directory=folder, files=files)
        return result


def _write(folder: str, wanted: Mapping[str, bytes], *, dry: bool) -> list[str]:
    """Write what is missing or differs; the paths."""
    written = []
    for path, content in sorted(wanted.items()):
        target = os.path.join(folder, path)
        if os.path.exists(target) and _read(target) == content:
            continue
        written.append(path)
        if not dry:
            os.makedirs(os.path.dirname(target), mode=canonical.DIRECTORY_MODE, exist_ok=True)
            canonical.write(target, content)
    return written


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
