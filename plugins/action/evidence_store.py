# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps an SQL store of evidence up to the bundles, on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.bundle import BundleError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.schema import StoreError, url_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.store import Store, synchronise

ARGUMENT_SPEC = {
    "directory": {"type": "path", "required": True},
    "store": {"type": "str", "default": "sqlite"},
    "rebuild": {"type": "bool", "default": False},
    "site": {"type": "str"},
}


class ActionModule(ActionBase):
    """Synchronise one store with one evidence folder."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Put in what is missing; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        try:
            url = url_of(arguments["store"], arguments["directory"])
            if self._task.check_mode:
                return {**result, "changed": False, "skipped": True, "msg": "the store is left as it is in check mode"}
            store = Store(url)
            changed = synchronise(store, arguments["directory"], rebuild=arguments["rebuild"])
            result.update(changed=bool(changed), store=url, runs=changed, trend=store.trend(arguments["site"]))
        except (StoreError, BundleError) as problem:
            raise AnsibleActionFail(str(problem)) from problem
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename}: {problem.strerror}") from problem
        return result
