# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans a segmentation test and judges what came of it, on the controller."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.segmentation_html import as_html
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.segmentation_text import as_text
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    CONTROL_PHASE,
    MAIN_PHASE,
    VERDICTS,
    Sightings,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.model import of_sites
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.plan import Options, Planner
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.record import ACTIVITY, make_record
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import (
    SegmentationError,
    read_site,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import sites_of

_KEYS = ("ringfence_host", "ringfence_site", "ringfence_segments", "ringfence_flows", "firewall_flow_rules")
_FAIL_ON = [name for name in VERDICTS if name != AS_INTENDED]

ARGUMENT_SPEC: dict[str, Any] = {
    "phase": {"type": "str", "choices": ["plan", "evaluate"], "required": True},
    "directory": {"type": "path"},
    "register": {"type": "str", "default": "__segmentation"},
    "tcp_ports": {"type": "list", "elements": "int", "default": []},
    "udp_ports": {"type": "list", "elements": "int", "default": []},
    "common_ports": {"type": "bool", "default": True},
    "hosts_per_segment": {"type": "int", "default": 2},
    "targets_per_segment": {"type": "int", "default": 10},
    "addresses": {"type": "dict", "default": {}},
    "internet": {"type": "bool", "default": True},
    "rate": {"type": "int", "default": 400},
    "time_limit": {"type": "int", "default": 300},
    "max_tries": {"type": "int", "default": 200000},
    "control_port": {"type": "int", "default": 54321},
    "due_months": {"type": "int", "default": 6},
    "fail_on": {"type": "list", "elements": "str", "choices": _FAIL_ON, "default": _FAIL_ON},
}
_BOUNDS = {
    "hosts_per_segment": (1, 1000),
    "targets_per_segment": (1, 10000),
    "rate": (1, 10000),
    "time_limit": (1, 3600),
    "max_tries": (1, 5000000),
    "control_port": (1, 65535),
    "due_months": (1, 24),
}


class ActionModule(ActionBase):
    """See the module of this name for its documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        present = list(variables.get("ansible_play_hosts_all", []))
        try:
            _check_numbers(arguments)
            hostvars = variables["hostvars"]
            site = read_site({host: _told(hostvars[host]) for host in variables["groups"]["all"]})
            planner = Planner(site, _options(arguments), present)
            if arguments["phase"] == "plan":
                plan = planner.plan(
                    time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
                    secrets.randbits(31) << 1,
                    forks=int(variables.get("ansible_forks", 5)),
                )
                return {**result, "changed": False, "plan": plan, "started_at": _now()}
        except SegmentationError as error:
            raise AnsibleActionFail(f"The test was refused, and nothing was sent:\n{error}") from error
        return {**result, **self._judge(planner, arguments, variables, present)}

    def _judge(
        self, planner: Planner, arguments: dict[str, Any], variables: Mapping[str, Any], present: list[str]
    ) -> dict[str, Any]:
        """Put the hosts' answers together and write the record."""
        if self._play_context.check_mode:
            return {"skipped": True, "msg": "nothing was tried in check mode, so there is nothing to judge"}
        if not arguments["directory"]:
            raise AnsibleActionFail("directory is required with phase: evaluate")
        prefix = arguments["register"]
        answers = {
            (step, host): plain(variables["hostvars"][host].get(f"{prefix}_{step}")) or {}
            for step in ("plan", "watch", "open", "control", "close", "probe", "collect")
            for host in present
        }
        planned = next(
            (found for (step, _host), found in answers.items() if step == "plan" and found.get("plan")), None
        )
        if planned is None:
            raise AnsibleActionFail("there is no plan of this run: state planned comes first")
        plan = planned["plan"]
        sightings, effort = _sightings(plan, answers, present)
        record = make_record(
            planner,
            plan,
            sightings,
            times=(planned["started_at"], _now()),
            months=arguments["due_months"],
            fail_on=arguments["fail_on"],
            problem=_control_problem(plan["control"], answers),
            effort=effort,
            model=of_sites(sites_of(variables["groups"], variables["hostvars"])).get(planner.site.name),
        )
        folder = os.path.join(arguments["directory"], "records", ACTIVITY)
        paths = {key: os.path.join(folder, f"{plan['run']}.{key}") for key in ("json", "html")}
        try:
            os.makedirs(folder, mode=canonical.DIRECTORY_MODE, exist_ok=True)
            canonical.write(paths["html"], as_html(record).encode("utf-8", errors="backslashreplace"))
            canonical.write(paths["json"], canonical.dumps(record))
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or folder}: {problem.strerror}") from problem
        self._display.display(f"\n{as_text(record)}\nRecord: {paths['json']}\nPage:   {paths['html']}\n")
        told = {"changed": True, "outcome": record["outcome"], "summary": record["summary"], "record": paths["json"]}
        told["html"] = paths["html"]
        if record["outcome"] == "pass":
            return told
        return {**told, "failed": True, "msg": _why(record)}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _told(variables: Any) -> dict[str, Any]:
    """What of a host's variables the test reads. The model has no templates in them."""
    return {key: plain(variables[key]) for key in _KEYS if key in variables}


def _options(arguments: Mapping[str, Any]) -> Options:
    return Options(
        tcp_ports=tuple(arguments["tcp_ports"]),
        udp_ports=tuple(arguments["udp_ports"]),
        addresses={
            place: tuple(str(text) for text in ([given] if isinstance(given, str) else given))
            for place, given in arguments["addresses"].items()
        },
        **{
            key: arguments[key]
            for key in (
                "common_ports",
                "hosts_per_segment",
                "targets_per_segment",
                "internet",
                "rate",
                "time_limit",
                "max_tries",
                "control_port",
            )
        },
    )


def _check_numbers(arguments: Mapping[str, Any]) -> None:
    errors = []
    for key, (least, most) in _BOUNDS.items():
        if not least <= arguments[key] <= most:
            errors.append(f"segmentation_test_{key}: {arguments[key]} is out of range; valid: {least} to {most}")
    for key in ("tcp_ports", "udp_ports"):
        for port in arguments[key]:
            if not 1 <= port <= 65535:
                errors.append(f"segmentation_test_{key}: {port} is no port; valid: 1 to 65535")
    if errors:
        raise SegmentationError(errors)


def _sightings(
    plan: Mapping[str, Any], answers: Mapping[tuple[str, str], Mapping[str, Any]], present: list[str]
) -> tuple[Sightings, dict[str, Any]]:
    """What all hosts saw, and what it took."""
    found = Sightings()
    packets, seconds = 0, 0.0
    for host in present:
        found.add_watch(host, answers["collect", host])
        for step, phase in (("control", CONTROL_PHASE), ("probe", MAIN_PHASE)):
            answer = answers[step, host]
            for told in answer.get("probes") or ():
                found.add_probe(phase, host, told)
                packets += told.get("packets", 0)
                seconds = max(seconds, told.get("seconds", 0.0))
            if answer.get("msg") and "probes" not in answer:
                for asked in plan["probes"].get(host, ()):
                    found.add_probe(phase, host, {**asked, "error": f"{host}: {answer['msg']}"})
    return found, {"packets": packets, "slowest_host_seconds": seconds, "hosts_trying": len(plan["probes"])}


def _control_problem(control: Mapping[str, Any] | None, answers: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """Why the way of the negative control could not be opened or closed; empty when it could."""
    if control is None:
        return ""
    for step in ("open", "close"):
        answer = answers.get((step, control["gateway"]), {})
        if not answer or answer.get("msg"):  # the play lets nothing fail, so `failed` says nothing
            return f"{control['gateway']}: {answer.get('msg') or 'no answer'}"
    if not answers["close", control["gateway"]].get("closed"):
        return f"{control['gateway']}: what was opened on purpose was gone before it was closed"
    return ""


def _why(record: Mapping[str, Any]) -> str:
    """What is wrong, for the end of a failed run."""
    tries, pairs = record["summary"]["tries_by_verdict"], record["summary"]["pairs_by_verdict"]
    reasons = [f"{tries[name]} tries {name}" for name in record["fail_on"] if tries[name]]
    reasons += [f"{pairs[name]} pairs {name}" for name in record["fail_on"] if pairs[name] and not tries[name]]
    if not record["negative_control"]["seen"]:
        reasons.insert(0, "what was opened on purpose was not seen, so the test proves nothing")
    return f"The test failed: {'; '.join(reasons)}. The record is written"
