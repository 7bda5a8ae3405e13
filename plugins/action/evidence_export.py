# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what other programs import from an evidence bundle, on the controller."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
        except bundle.BundleError as problem:
            raise AnsibleActionFail(str(problem)) from problem
        wanted, missing = _made(sealed, arguments["formats"])
        folder = arguments["directory"] or os.path.join(os.path.dirname(sealed.path), "exports", sealed.name)
        try:
            written = _write(folder, wanted, dry=bool(self._task.check_mode))
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or folder}: {problem.strerror}") from problem
        files = [os.path.join(folder, path) for path in sorted(wanted)]
        result.update(changed=bool(written), run=sealed.name, directory=folder, files=files, missing=list(missing))
        if not missing:
            return result
        # Ansible shows the message of a failure twice and a warning once.
        for reason, names in _by_reason(missing).items():
            self._display.warning(f"Not exported: {', '.join(names)}: {reason}")
        rest = "; the others were written" if files else ""
        msg = f"Not exported: {', '.join(missing)}{rest}. A warning says what is missing."
        return {**result, "failed": True, "msg": msg}


def _made(sealed: sealed_bundle.SealedBundle, formats: Sequence[str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files of all formats that can be made here, and why the others cannot, by format."""
    wanted: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    for name in dict.fromkeys(formats):
        try:
            wanted.update(exports.FORMATS[name](sealed))
        except MissingLibrary as problem:
            missing[name] = str(problem)
    return wanted, missing


def _by_reason(missing: Mapping[str, str]) -> dict[str, list[str]]:
    """The formats by why they cannot be made."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in missing.items():
        by_reason.setdefault(reason, []).append(name)
    return by_reason


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
