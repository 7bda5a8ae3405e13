# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of all tests: which steps there are, and two that run side by side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import seconds
from tools import run_tests
from tools.repository import Repository
from tools.selection.suites import SUITES
from tools.selection.units import Units


def scenario_names(step: run_tests.Step) -> set[str]:
    return {name for flag, name in zip(step.argv, step.argv[1:]) if flag == "--scenario-name"}


UNITS = Units(Repository())


def with_those_beside(steps: list[run_tests.Step]) -> list[run_tests.Step]:
    return [one for step in steps for one in (step, step.beside) if one is not None]


def test_every_scenario_is_run_once() -> None:
    steps = run_tests.always() + with_those_beside(run_tests.of_units(UNITS.names, UNITS, {}))
    ran = [name for step in steps for name in sorted(scenario_names(step))]
    there = {path.parent.name for path in (run_tests.REPOSITORY / "molecule").glob("*/molecule.yml")}
    assert sorted(ran) == sorted(there - {"default"})


@pytest.mark.parametrize(
    ("units", "ran", "told"),
    [
        ([], [], {}),
        (["newsite"], [{"newsite"}], {}),
        (["vm", "site"], [{"site"}, {"vm"}], {"RINGFENCE_SITE_TESTS": "tests/behaviour/site/test_audit.py"}),
        (["site", *SUITES], [{"site"}], {}),
        (
            ["site-segmentation"],
            [{"site"}],
            {
                "RINGFENCE_SITE_ROLES": "client_vlans,firewall",
                "RINGFENCE_SITE_TESTS": "tests/behaviour/site/test_audit.py,tests/behaviour/site/test_segmentation.py",
            },
        ),
        (
            ["firewall", "antivirus", "newsite"],
            [{"tamper", "firewall", "antivirus"}, {"site"}, {"newsite"}],
            {
                "RINGFENCE_TAMPER_ROLES": "antivirus,firewall",
                "RINGFENCE_LAB_GROUPS": "tamper,antivirus,firewall",
            },
        ),
    ],
)
def test_some_units_run_alone(units: list[str], ran: list[set[str]], told: dict[str, str]) -> None:
    steps = with_those_beside(run_tests.of_units(units, UNITS, {}))
    assert [scenario_names(step) for step in steps] == ran
    assert not steps or steps[0].environment == told


def test_a_role_comes_to_both_sites() -> None:
    """With what it builds on and no other, and the suites that were chosen besides."""
    _roles, site, newsite = with_those_beside(run_tests.of_units(["password_policy", "site-prove"], UNITS, {}))
    tests = "tests/behaviour/site/test_audit.py,tests/behaviour/site/test_prove.py"
    roles = "firewall,idle_sessions,password_policy"
    assert site.environment == {"RINGFENCE_SITE_ROLES": roles, "RINGFENCE_SITE_TESTS": tests}
    assert newsite.environment == {"RINGFENCE_NEWSITE_ROLES": "firewall,password_policy"}
    assert site.beside == newsite


def test_the_longest_begins_first() -> None:
    step, *_sites = run_tests.of_units(["antivirus", "firewall", "web_filter"], UNITS, {"antivirus": 9, "firewall": 90})
    assert step.logs == ["tamper", "web_filter", "firewall", "antivirus"]


def test_a_role_brings_its_own_tamper_cases_only() -> None:
    (step,) = run_tests.of_role("firewall")
    assert scenario_names(step) == {"firewall", "tamper"}
    assert step.environment["RINGFENCE_TAMPER_ROLES"] == "firewall"
    (alone,) = run_tests.of_role("firewall", tamper=False)
    assert scenario_names(alone) == set(alone.logs) == {"firewall"}
    assert alone.environment["RINGFENCE_LAB_GROUPS"] == "firewall"


def test_the_integration_tests_come_right_after_the_unit_tests() -> None:
    """In a step of their own, so that what a run notes tells the two apart."""
    steps = [step for step in run_tests.always() if "pytest" in step.argv]
    assert [step.name for step in run_tests.always()][1:3] == ["unit tests", "integration tests"]
    assert [(step.name, step.argv[2:]) for step in steps] == [
        ("unit tests", ["pytest", "-q", "-n", "2", "tests/unit"]),
        ("integration tests", ["pytest", "-q", "-n", "2", "tests/integration"]),
    ]


def test_a_unit_test_that_starts_ansible_fails() -> None:
    for command in (["ansible-playbook", "--version"], [str(Path(sys.executable).with_name("ansible")), "--version"]):
        with pytest.raises(pytest.fail.Exception, match="such tests are in tests/integration"):
            subprocess.run(command, check=False)


def test_steps_side_by_side_share_no_lab_and_no_log() -> None:
    for step in run_tests.of_units(UNITS.names, UNITS, {}):
        if step.beside is not None:
            assert not set(step.labs) & set(step.beside.labs)
            assert not set(step.logs) & set(step.beside.logs)


def test_output_of_two_steps_is_not_mixed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_tests, "STATE", tmp_path)
    # These are no steps of the run that runs this test.
    monkeypatch.delenv(seconds.PLACE, raising=False)
    say = "import sys, time\nfor n in range(3):\n print(sys.argv[1], n, flush=True)\n time.sleep(0.05)\n"
    say += "sys.exit(int(sys.argv[2]))"
    other = run_tests.Step("the other", [sys.executable, "-c", say, "other", "3"])
    step = run_tests.Step("one", [sys.executable, "-c", say, "one", "0"], beside=other)
    ended = run_tests.together(step, {})
    assert [(outcome.step.name, outcome.passed) for outcome in ended] == [("one", True), ("the other", False)]
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert words == ["one"] * 3 + ["the"] + ["other"] * 3
