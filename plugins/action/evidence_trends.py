# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the history that an evidence store has, on the controller."""

from __future__ import annotations

import datetime
import json
import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.schema import StoreError, url_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.store import Store
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import trends, trends_html
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean, listed
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.text_files import write_texts

ARGUMENT_SPEC = {
    "directory": {"type": "path", "required": True},
    "evidence": {"type": "path", "required": True},
    "store": {"type": "str", "default": "sqlite"},
    "site": {"type": "str"},
    "since": {"type": "str"},
}


class ActionModule(ActionBase):
    """Write one history."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the store and write the files; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        folder, site, since = arguments["directory"], arguments["site"], _day(arguments["since"])
        try:
            store = Store(url_of(arguments["store"], arguments["evidence"]))
            there = sorted({str(row["site"]) for row in store.trend()})
            if not there:
                raise AnsibleActionFail("The store has no run yet: audit with audit_store first.")
            if site and site not in there:
                raise AnsibleActionFail(
                    f"trends_site: the store has no site {site}. {listed(there)}{did_you_mean(site, there)}"
                )
            found = trends.history(store, site, since)
            texts = {
                "trends.html": trends_html.as_html(found),
                "trends.csv": trends.as_csv(found),
                "trends.json": json.dumps(found, indent=1, ensure_ascii=False) + "\n",
            }
            changed, _diffs = write_texts(folder, texts, check_mode=bool(self._task.check_mode))
        except StoreError as problem:
            raise AnsibleActionFail(str(problem)) from problem
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or folder}: {problem.strerror}") from problem
        result.update(changed=bool(changed), files=[os.path.join(folder, name) for name in texts])
        result["sites"] = [_newest(one) for one in found["sites"]]
        return result


def _day(value: str | None) -> str | None:
    """A day as it was given, or nothing; AnsibleActionFail when it is none."""
    try:
        return None if value is None else datetime.date.fromisoformat(value).isoformat()
    except ValueError as problem:
        raise AnsibleActionFail(f"trends_since: {value} is no day; valid is one such as 2026-01-31") from problem


def _newest(site: dict[str, Any]) -> dict[str, Any]:
    runs = site["runs"]
    newest = (
        {"run": runs[-1]["run"], "started_at": runs[-1]["started_at"]} if runs else {"run": None, "started_at": None}
    )
    return {"site": site["site"], "runs": len(runs), **newest, "open": len(site["open"])}
