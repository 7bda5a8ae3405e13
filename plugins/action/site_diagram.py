# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the network and the data flows of every site of the inventory, on the controller."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import picture
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram.graphviz import DrawingError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.file_names import readable
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import NO_SITE, sites_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.text_files import write_texts

ARGUMENT_SPEC = {
    "directory": {"type": "path", "required": True},
    "views": {"type": "list", "elements": "str", "choices": list(picture.VIEWS), "default": list(picture.VIEWS)},
}


class ActionModule(ActionBase):
    """Write the pictures."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Draw and write; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        sites = sites_of(variables["groups"], variables["hostvars"])
        if not sites:
            raise AnsibleActionFail(NO_SITE)
        texts = {}
        try:
            for site in sites:
                for view in arguments["views"]:
                    texts[f"{readable(site.name)}-{view}.svg"] = picture.render(
                        site.about,
                        site.segments,
                        site.flows,
                        site.hosts,
                        view=view,
                        administration=site.administration,
                    )
            changed, diffs = write_texts(arguments["directory"], texts, check_mode=self._task.check_mode)
        except DrawingError as problem:
            raise AnsibleActionFail(str(problem)) from problem
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or arguments['directory']}: {problem.strerror}") from problem
        result.update(changed=bool(changed), files=[os.path.join(arguments["directory"], name) for name in texts])
        if self._task.diff:
            result["diff"] = diffs
        return result
