# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs an entry of a site's registers, on the controller."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import reading, signed

ARGUMENT_SPEC = {
    "entry": {"type": "str", "required": True},
    "key": {"type": "path", "required": True, "no_log": False},
    "registers": {"type": "path", "required": True},
}


class ActionModule(ActionBase):
    """Sign one entry."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Sign the entry unless it has a good signature; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        try:
            found = reading.read(arguments["registers"])
            entry = signed.find(found, arguments["entry"])
            changed = not signed.is_signed(found, entry)
            if changed:
                signed.sign(found, entry, arguments["key"], write=not self._task.check_mode)
        except (reading.RegistersError, signing.SigningError) as problem:
            raise AnsibleActionFail(str(problem)) from problem
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename}: {os.strerror(problem.errno or 0)}") from problem
        result.update(
            changed=changed,
            path=entry.signature_path,
            kind=entry.kind,
            signed_by=entry.fields["signed_by"],
            expires=entry.fields["expires"],
        )
        return result
