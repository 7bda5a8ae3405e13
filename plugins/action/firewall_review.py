# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the firewall rule review of a site, on the controller."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import periods, sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import MARKS, as_csv, review
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review_html import as_html
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.model import of_sites
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import sites_of

ARGUMENT_SPEC = {
    "directory": {"type": "path", "required": True},
    "register": {"type": "str", "required": True},
    "evidence": {"type": "path"},
}


class ActionModule(ActionBase):
    """Write one review."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Put the hosts' answers together and write the files; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        moment = time.gmtime()
        answers = {host: self._answer(host, arguments["register"], variables) for host in variables["groups"]["all"]}
        made_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)
        found = review(self._site(variables), made_at, answers, self._models(variables))
        base = os.path.join(arguments["directory"], time.strftime("%Y%m%dT%H%M%SZ", moment))
        texts = {
            "json": json.dumps(found, indent=1, ensure_ascii=False) + "\n",
            "csv": as_csv(found),
            "html": as_html(found),
        }
        try:
            os.makedirs(arguments["directory"], mode=canonical.DIRECTORY_MODE, exist_ok=True)
            for ending, text in texts.items():
                canonical.write(f"{base}.{ending}", text.encode("utf-8", errors="backslashreplace"))
            if arguments.get("evidence"):
                result["record"] = sources.write_record(arguments["evidence"], _record(found, moment))
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or base}: {problem.strerror}") from problem
        self._display.display(f"\n{_summary(found['totals'])}\nReview: {base}.html\n")
        result.update(changed=True, totals=found["totals"], **{key: f"{base}.{key}" for key in texts})
        asked = variables.get("ansible_play_hosts_all", [])
        silent = [host["name"] for host in found["hosts"] if host["status"] == "not_observed" and host["name"] in asked]
        if silent:
            return {
                **result,
                "failed": True,
                "msg": f"The review is written, and lacks what was asked of {', '.join(silent)}",
            }
        return result

    def _site(self, variables: Mapping[str, Any]) -> str:
        """What the site is called: by its model, or by the inventory's folder."""
        try:
            site = plain(self._templar.template(variables.get("ringfence_site")))
        except AnsibleError as problem:
            self._display.warning(f"ringfence_site cannot be used: {problem}")
            site = None
        if isinstance(site, Mapping) and site.get("title"):
            return str(site["title"])
        return os.path.basename(str(variables.get("inventory_dir") or os.getcwd())) or "site"

    def _models(self, variables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The hashes of the site models; none where there is no model."""
        try:
            return of_sites(sites_of(variables["groups"], variables["hostvars"]))
        except (AnsibleError, ValueError, KeyError, TypeError) as problem:
            self._display.warning(f"The site model cannot be used, so no audit can tell what changed since: {problem}")
            return {}

    def _answer(self, host: str, register: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What one host answered, or why it did not."""
        if host not in variables.get("ansible_play_hosts_all", []):
            return {"msg": "not among the hosts that this run was limited to"}
        answer = plain(variables["hostvars"][host].get(register))
        return answer if isinstance(answer, dict) and answer else {"msg": "this host could not be reached"}


def _record(found: Mapping[str, Any], moment: time.struct_time) -> dict[str, Any]:
    """What the ledger of the audits keeps of a review."""
    totals, at = found["totals"], time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)
    wrong = any(totals[mark] for mark in ("not_declared", "altered", "not_loaded", "overdue"))
    return {
        "activity": "firewall_review",
        "run": time.strftime("%Y%m%dT%H%M%SZ", moment),
        "site": found["site"],
        "started_at": at,
        "finished_at": at,
        "outcome": "fail" if wrong else "partial" if totals["not_observed"] else "pass",
        "summary": totals,
        "due": periods.after(at[:10], "6 months"),
        "review": found,
    }


def _summary(totals: Mapping[str, int]) -> str:
    marked = ", ".join(f"{totals[name]} {name.replace('_', ' ')}" for name in MARKS if totals[name])
    hosts = f"{totals['rules']} rules on {totals['observed']} of {totals['hosts']} hosts"
    return f"{hosts}: {marked or 'nothing to look at'}"
