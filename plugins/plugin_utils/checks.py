# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From controls to the checks of one host: which apply, and with what values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.controls import (
    FOREIGN_PROBE,
    STEPS_PROBE,
    RoleControls,
)

#: Fills in the templates of a value for one role on one host; whatever it raises makes an ``error`` finding.
Fill = Callable[[Any], Any]
#: The steps of one role on one host, as the probe role_steps takes them, and the secrets among their arguments.
Kept = Callable[[], tuple[Sequence[Mapping[str, Any]], frozenset[str]]]


@dataclass(frozen=True)
class PreparedCheck:
    """One check of one host: to be sent (``finding`` is None) or already decided on the controller.

    secrets: what is sent along and must not come back.
    """

    check: dict[str, Any]
    finding: dict[str, Any] | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def plain(value: Any) -> Any:
    """The value as plain JSON data, rid of whatever the template engine wrapped it in."""
    return json.loads(json.dumps(value, default=str))


def host_kinds(variables: Mapping[str, Any], groups: Iterable[str]) -> tuple[str, ...]:
    """The kinds of a host: what the site model says, and every group ``kind_NAME`` of an ordinary inventory."""
    model = variables.get("ringfence_host")
    kinds = [str(kind) for kind in model.get("kinds", [])] if isinstance(model, Mapping) else []
    kinds += [group[len("kind_") :] for group in groups if group.startswith("kind_")]
    return tuple(dict.fromkeys(kinds))


def bare_checks(control: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The checks of a control with nothing filled in: enough to say that they were not made."""
    return [
        {"id": check["id"], "control": control["id"], "role": control["role"], "aspect": check["aspect"], "expect": {}}
        for check in control["checks"]
    ]


def _wanted(control: Mapping[str, Any], fill: Fill) -> bool:
    """Whether a control applies by its ``when``; ValueError when that is neither true nor false."""
    answer = fill(control["when"]) if "when" in control else True
    if isinstance(answer, bool):
        return answer
    if str(answer) in ("True", "False"):
        return str(answer) == "True"
    raise ValueError(f"when must be true or false, not {answer!r}")


def _said(problem: Exception) -> str:
    """What an exception says, in one line; AnsibleError keeps its text without the source excerpt in ``message``."""
    text = str(getattr(problem, "message", "") or problem) or type(problem).__name__
    return " ".join(text.split())


def _units(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The units that steps keep enabled or running."""
    return [
        str(unit["name"])
        for step in steps
        for unit in (step["arguments"].get("units") or [] if step["module"] == "service_units" else [])
        if unit["enabled"] or unit["active"]
    ]


def _packages(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The packages that steps have installed."""
    return [
        str(name) for step in steps if step["module"] == "packages" for name in step["arguments"].get("names") or []
    ]


def _reloads(steps: Iterable[Mapping[str, Any]]) -> list[dict[str, list[str]]]:
    """The services that steps start or reload when files of theirs change, with these files.

    Timers and sockets go by what systemd holds of them, which a reload of systemd itself renews.
    """
    found = []
    for command in (one for step in steps for one in step["arguments"].get("activate") or []):
        units = [word for word in command["argv"][2:] if word.endswith(".service")]
        if command["argv"][0] == "systemctl" and "restart" in command["argv"][1] and units and command["paths"]:
            found.append({"units": units, "paths": list(command["paths"])})
    return found


def _prepare(control: Mapping[str, Any], check: Mapping[str, Any], fill: Fill, kept: Kept) -> PreparedCheck:
    made = {"id": check["id"], "control": control["id"], "role": control["role"], "aspect": check["aspect"]}
    secrets: frozenset[str] = frozenset()
    try:
        made["probe"] = str(check["probe"])
        made["with"] = plain(fill(check["with"]))
        made["expect"] = plain(fill(check["expect"]))
        if not isinstance(made["with"], dict) or not isinstance(made["expect"], dict):
            raise TypeError("with and expect must be mappings")
        if made["probe"] == STEPS_PROBE:
            made["with"]["steps"], secrets = kept()
        elif made["probe"] == FOREIGN_PROBE:
            made["with"]["units"] = [*made["with"].get("units", []), *_units(kept()[0])]
            made["with"]["packages"] = [*made["with"].get("packages", []), *_packages(kept()[0])]
            made["with"]["reloads"] = _reloads(kept()[0])
            made["with"]["managed_by"] = control["role"]
    except Exception as problem:  # pylint: disable=broad-except  # a wrong variable must not hide the other findings
        reason = f"control {control['id']}, check {check['id']}: {_said(problem)}"
        return PreparedCheck(made, clean(finding({**made, "expect": {}}, "error", reason=reason)))
    return PreparedCheck(made, secrets=secrets)


def prepare_control(control: Mapping[str, Any], fill: Fill, kept: Kept) -> list[PreparedCheck]:
    """The checks of one control on one host."""
    try:
        wanted = _wanted(control, fill)
        reason = "" if wanted else str(fill(control["not_applicable"]))
    except Exception as problem:  # pylint: disable=broad-except  # as above
        reason = f"control {control['id']}, when: {_said(problem)}"
        return [PreparedCheck(bare, clean(finding(bare, "error", reason=reason))) for bare in bare_checks(control)]
    if not wanted:
        return [
            PreparedCheck(bare, clean(finding(bare, "not_applicable", reason=reason))) for bare in bare_checks(control)
        ]
    return [_prepare(control, check, fill, kept) for check in control["checks"]]


def prepare(
    roles: Iterable[RoleControls],
    kinds: Iterable[str],
    fill_for: Callable[[RoleControls], Fill],
    kept_for: Callable[[RoleControls, Fill], Kept],
) -> list[PreparedCheck]:
    """The checks of all roles that belong to a host of these kinds, in the order of roles and files."""
    have = tuple(kinds)
    prepared: list[PreparedCheck] = []
    for role in roles:
        if role.applies_to(have):
            fill = fill_for(role)
            kept = kept_for(role, fill)
            for control in role.controls:
                prepared += prepare_control(control, fill, kept)
    return prepared
