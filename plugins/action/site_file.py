# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the file of a new site model, on the controller, after it has been checked as a whole."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit import files
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import SiteModelError

ARGUMENT_SPEC = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
}
DIRECTORY_MODE = 0o750


class ActionModule(ActionBase):
    """Write one model."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check and write; a file that is there already is never touched."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        path, content = str(arguments["path"]), str(plain(arguments["content"]))
        try:
            site = load_site(content, path)
        except SiteModelError as problem:
            raise AnsibleActionFail(str(problem)) from problem
        told = {"path": path, "hosts": list(site.hosts), "segments": list(site.segments)}
        if os.path.lexists(path):
            raise AnsibleActionFail(f"{path} is there already and is not overwritten; choose another folder")
        if not self._task.check_mode:
            try:
                os.makedirs(os.path.dirname(os.path.abspath(path)), mode=DIRECTORY_MODE, exist_ok=True)
                files.create(path, content)
            except FileExistsError as problem:
                raise AnsibleActionFail(f"{path} is there already and is not overwritten") from problem
            except OSError as problem:
                raise AnsibleActionFail(f"{problem.filename or path}: {problem.strerror}") from problem
        if self._task.diff:
            result["diff"] = [{"before": "", "after": content, "before_header": path, "after_header": path}]
        result.update(changed=True, **told)
        return result
