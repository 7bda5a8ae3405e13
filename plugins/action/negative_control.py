# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allows, plans and judges a negative control, on the controller."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, population
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import (
    breaking,
    cases,
    held,
    marks,
    record,
    run_folder,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.applying import applying
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.rounds import rounds

ARGUMENT_SPEC: dict[str, Any] = {
    "phase": {"type": "str", "choices": ["validate", "authorize", "plan", "record", "evaluate"], "required": True},
    "hosts": {"type": "raw"},
    "directory": {"type": "path"},
    "cases": {"type": "list", "elements": "str", "default": []},
    "scenario": {"type": "str"},
    "roles": {"type": "list", "elements": "str"},
    "alone": {"type": "bool", "default": False},
    "path": {"type": "path"},
    "round": {"type": "int"},
    "output": {"type": "str", "default": ""},
    "register": {"type": "str", "default": "__prove"},
}
_NEEDS = [
    ("phase", "validate", ["hosts"]),
    ("phase", "authorize", ["hosts", "directory"]),
    ("phase", "plan", ["path"]),
    ("phase", "record", ["path", "round"]),
    ("phase", "evaluate", ["path"]),
]


class ActionModule(ActionBase):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the step; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC, required_if=_NEEDS)
        try:
            return {**result, **getattr(self, f"_{arguments['phase']}")(arguments, variables)}
        except (marks.RefusedError, cases.CasesError) as problem:
            raise AnsibleActionFail(
                f"The negative control was refused, and nothing was touched:\n{problem}"
            ) from problem
        except (OSError, ValueError, bundle.BundleError) as problem:
            raise AnsibleActionFail(str(problem)) from problem

    def _validate(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """See that somebody named these hosts, and cases that there are; no host is contacted before."""
        if self._play_context.check_mode:
            raise marks.RefusedError(["in check mode nothing can be broken, so nothing would be shown"])
        names, present = marks.asked(arguments["hosts"]), list(variables["ansible_play_hosts_all"])
        if present == ["localhost"] and "localhost" not in names:
            present = names  # the play before the one over the hosts, where only the names can be looked at
        marks.check_names(names, list(variables["groups"]["all"]), present)
        chosen = cases.chosen(cases.load(), arguments["cases"], arguments["scenario"])
        return {"changed": False, "cases": [case["id"] for case in chosen]}

    def _authorize(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """See that every host carries its mark, and begin the run."""
        names = marks.asked(arguments["hosts"])
        marks.check_names(names, list(variables["groups"]["all"]), list(variables["ansible_play_hosts_all"]))
        told = {name: self._registered(arguments, variables, name, "mark") for name in names}
        marks.check_marks(names, told)
        behind = run_folder.left_behind(arguments["directory"])
        path = run_folder.begin(arguments["directory"])
        unfinished = {name: run_folder.undo_of(behind, name) for name in names if name in set().union(*behind.values())}
        roles = {name: self._held(arguments, variables, name) for name in names}
        ordered = list(dict.fromkeys(role for mine in roles.values() for role in mine))
        return {
            "changed": True,
            "path": path,
            "started_at": bundle.utc(),
            "unfinished": unfinished,
            "held": roles,
            "roles": ordered,
        }

    def _plan(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Work out what is broken on which host in which round."""
        path = arguments["path"]
        chosen = cases.chosen(cases.load(), arguments["cases"], arguments["scenario"])
        hosts: dict[str, Any] = {}
        for name in variables["ansible_play_hosts_all"]:
            before = bundle.read_record(os.path.join(path, "before"), name)
            if before is None or not before["observed"]:
                why = "the audit before gave no findings" if before is None else before["reason"]
                raise marks.RefusedError([f"{name}: could not be observed, so nothing can be shown on it: {why}"])
            roles = self._held(arguments, variables, name)
            mine, left = applying(chosen, before, roles)
            planned = rounds(mine, alone=arguments["alone"])
            hosts[name] = {"roles": roles, "rounds": planned, "left": left}
        most = max((len(one["rounds"]) for one in hosts.values()), default=0)
        run_folder.write_plan(path, {"hosts": hosts, "rounds": most, "cases": chosen})
        run_folder.drop_repaired(os.path.dirname(os.path.dirname(os.path.dirname(path))), list(hosts), path)
        steps = [
            {name: _step(one["rounds"][number]) for name, one in hosts.items() if number < len(one["rounds"])}
            for number in range(most)
        ]
        return {"changed": True, "steps": steps}

    def _record(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Keep how the commands of a round ended on this host."""
        said = breaking.told(arguments["output"])
        run_folder.write_commands(arguments["path"], arguments["round"], str(variables["inventory_hostname"]), said)
        return {"changed": False}

    def _evaluate(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Put together what all rounds showed, and leave the record."""
        path = arguments["path"]
        plan = run_folder.read_plan(path)
        hosts = {}
        for name, planned in plan["hosts"].items():
            stages = run_folder.stages(path, name, len(planned["rounds"]))
            before = run_folder.read_before(path, name)
            stopped = variables["hostvars"][name].get(f"{arguments['register']}_stopped")
            hosts[name] = {"planned": planned, "before": before, "stages": stages, "stopped": plain(stopped)}
        model = plain(variables.get("ringfence_site"))
        place = os.path.basename(str(variables.get("inventory_dir") or os.getcwd())) or "site"
        started = self._registered(arguments, variables, str(variables["inventory_hostname"]), "run").get("started_at")
        made = record.make_record(
            run=run_folder.run_of(path),
            site=population.site({"ringfence_site": model}, place),
            times=(str(started or bundle.utc()), bundle.utc()),
            cases=plan["cases"],
            hosts=hosts,
        )
        written = sources.write_record(os.path.dirname(os.path.dirname(os.path.dirname(path))), made)
        if not any(one["still_red"] for one in made["cases"]) and not any(one["stopped"] for one in hosts.values()):
            shutil.rmtree(path, ignore_errors=True)  # else it says, to the next run, that these hosts need repair
        self._display.display(f"\n{record.as_text(made)}\nRecord: {written}\n")
        told = {"changed": True, "record": written, "outcome": made["outcome"], "summary": made["summary"]}
        if made["outcome"] == "pass":
            return told
        why = f"{made['summary']['failed']} of {made['summary']['cases']} cases were not seen as they should be"
        if not made["summary"]["cases"]:
            why = "no case applies to these hosts, so nothing was shown"
        return {**told, "failed": True, "msg": f"The negative control failed: {why}. The record is {written}"}

    def _registered(
        self, arguments: Mapping[str, Any], variables: Mapping[str, Any], host: str, step: str
    ) -> dict[str, Any]:
        """What a task of the play registered for a host."""
        return plain(variables["hostvars"][host].get(f"{arguments['register']}_{step}")) or {}

    def _held(self, arguments: Mapping[str, Any], variables: Mapping[str, Any], host: str) -> list[str]:
        """The roles of a host: those that are given for all, or what playbooks/site.yml does for it."""
        if arguments["roles"] is not None:
            return list(arguments["roles"])
        return held.roles_of(host, variables["groups"], held.plays())


def _step(chosen: list[dict[str, Any]]) -> dict[str, Any]:
    """What the play needs to know of a host's round."""
    return {
        "cases": [case["id"] for case in chosen],
        "argv": breaking.argv(chosen),
        "roles": list(dict.fromkeys(case["role"] for case in chosen)),
        "undo": [case["undo"] for case in chosen if "undo" in case],
    }
