# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps are checked as a whole before a host hears of one, and told as the result of one task."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import steps

UNITS = "ringfence.callcenter.service_units"
FILES = "ringfence.callcenter.managed_files"
ROLES = Path(__file__).parents[4] / "roles"


def wrong(*given: Any) -> list[str]:
    with pytest.raises(steps.StepsError) as raised:
        steps.parse(list(given))
    return str(raised.value).splitlines()


def test_a_step_is_told_with_all_that_its_module_needs() -> None:
    (step,) = steps.parse([{"name": "Keep units", UNITS: {"managed_by": "trial"}, "always": "yes"}])
    assert step.told() == {
        "name": "Keep units",
        "module": "service_units",
        "arguments": {"managed_by": "trial", "state": "present", "units": []},
        "check_mode": False,
        "always": True,
        "packages": [],
        "path": "",
    }


def test_arguments_may_be_of_any_kind_that_json_knows() -> None:
    complete, _secrets, errors = steps.checked("group_members", {"name": "a", "managed_by": "a", "members": ("x", "y")})
    assert (complete["members"], errors) == (["x", "y"], [])


def test_a_step_that_is_told_not_to_run_is_left_out() -> None:
    assert steps.parse([{"name": "Keep units", UNITS: {"managed_by": "trial"}, "when": "False"}]) == []


def test_all_that_is_wrong_is_told_at_once_with_the_names_of_the_steps() -> None:
    said = wrong(
        {"name": "One", UNITS: {}},
        {"name": "Two", UNITS: {"managed_by": "trial", "unit": []}},
        {"name": "Three", FILES: {"managed_by": "trial", "state": "gone"}},
        {UNITS: {"managed_by": "trial"}},
        "five",
    )
    assert len(said) == 5
    assert said[0] == "steps: One: ringfence.callcenter.service_units: missing required arguments: managed_by"
    assert re.match("steps: Two: .*unit.*Supported parameters include: managed_by, state, units", said[1])
    assert said[2].endswith("value of state must be one of: present, absent, got: gone")
    assert said[3] == "steps: number 4: it needs a name, a sentence that says what it does"
    assert said[4].startswith("steps: number 5 is 'five', valid is a mapping")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"ansible.builtin.command": {}}, "has ansible.builtin.command, valid are name, controls, when"),
        ({"service_units": {}}, "has service_units, valid are"),
        ({}, "has no module, valid are"),
        (
            {UNITS: {"managed_by": "a"}, FILES: {"managed_by": "a"}},
            "has ringfence.callcenter.service_units, ringfence.callcenter",
        ),
        ({"ringfence.callcenter.firewall_ruleset": {}}, "one module of ringfence.callcenter that has no part"),
        ({"ringfence.callcenter.../modules/audit": {}}, "one module of ringfence.callcenter that has no part"),
        ({UNITS: {"managed_by": "a"}, "when": "perhaps"}, "The value 'perhaps' is not a valid boolean"),
        ({UNITS: ["managed_by"]}, "valid is a mapping of its options"),
        ({UNITS: {"managed_by": "a"}, "needs_packages": "nftables"}, "valid is a list of names of packages"),
    ],
)
def test_what_a_step_cannot_be(step: dict[str, Any], reason: str) -> None:
    (said,) = wrong({"name": "One", **step})
    assert said.startswith("steps: One: ")
    assert reason in said


def test_a_name_stands_for_one_step() -> None:
    assert wrong(*[{"name": "One", UNITS: {"managed_by": "a"}}] * 2) == ["steps: One: is there more than once"]


def of_result(*results: dict[str, Any]) -> dict[str, Any]:
    wanted = [steps.Step(name, "service_units", {}) for name in ("one", "two", "three")]
    return steps.outcome(wanted, [{"name": step.name, "result": result} for step, result in zip(wanted, results)])


def test_the_task_has_changed_what_its_steps_changed() -> None:
    assert of_result({"changed": False}, {"changed": False}, {"changed": False}) == {
        "changed": False,
        "steps": [{"name": name, "controls": [], "changed": False} for name in ("one", "two", "three")],
    }
    found = of_result(
        {"changed": True, "diff": {"before": "a\n", "after": "b\n"}},
        {"changed": False, "diff": {"before": "same", "after": "same"}, "warnings": ["look"]},
        {"changed": True, "diff": [{"before": "", "after": "x", "before_header": "/etc/x"}, {"prepared": "text"}]},
    )
    assert found["changed"] is True
    assert found["warnings"] == ["look"]
    assert found["diff"] == [
        {"before": "a\n", "after": "b\n", "before_header": "one", "after_header": "one"},
        {"before": "", "after": "x", "before_header": "/etc/x", "after_header": "three"},
        {"prepared": "text"},
    ]


def test_a_failure_says_what_was_done_and_what_was_not() -> None:
    found = of_result({"changed": True}, {"failed": True, "changed": False, "msg": "no way.", "errors": ["no way"]})
    assert found["failed"] is True
    assert found["msg"] == "two: no way. Changed before or after it: one. Not done: three."
    assert found["errors"] == ["no way"]
    found = of_result({"failed": True, "changed": False, "msg": "no way"})
    assert found["msg"] == "one: no way. Nothing else was changed by this task. Not done: two, three."


def test_a_secret_is_in_no_result() -> None:
    content = {"path": "/etc/a", "secret_content": "correct horse"}
    (step,) = steps.parse([{"name": "Keep a file", FILES: {"managed_by": "a", "files": [content]}}])
    assert "correct horse" not in repr(step)
    found = steps.outcome([step], [{"name": step.name, "result": {"failed": True, "msg": "cannot use correct horse"}}])
    assert "correct horse" not in str(found)


def test_every_step_of_a_role_is_well_formed() -> None:
    """By its keys and its module's options; values are templates here."""
    found = []
    for path in sorted(ROLES.glob("*/tasks/*.yml")):
        for task in yaml.safe_load(path.read_text(encoding="utf-8")):
            for step in task.get("ringfence.callcenter.apply", {}).get("steps", []):
                (module,) = set(step) - set(steps.KEYS)
                name = module.rpartition(".")[2]
                assert steps.runs_alone(name), f"{path}: {module}"
                _complete, _secrets, errors = steps.checked(name, step[module])
                assert not [text for text in errors if "missing" in text or "Unsupported" in text], f"{path}: {errors}"
                found.append(name)
    assert len(set(found)) > 10


def test_what_an_audit_looks_at() -> None:
    (step,) = steps.parse([{"name": "Keep", UNITS: {"managed_by": "trial"}, "audit": "no", "audit_ignores": ["x .*"]}])
    assert (step.audit, list(step.ignores)) == (False, ["x .*"])
    (problem,) = wrong({"name": "Keep", UNITS: {"managed_by": "trial"}, "audit_ignores": "x"})
    assert "audit_ignores is 'x', valid is a list of regular expressions" in problem
