# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Makefile calls its tools as they want to be called."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tools import build_collection, claims, run_tests

REPOSITORY = Path(__file__).resolve().parents[3]
PINS = ['ansible-core==2.19.9 ; python_version < "3.12"', 'ansible-core==2.21.9 ; python_version >= "3.12"']


def test_claims_can_be_asked_for_without_further_words() -> None:
    planned = subprocess.run(["make", "-n", "claims"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    # Within another make it tells of folders too.
    (line,) = (line for line in planned.stdout.splitlines() if "tools.claims" in line)
    words = shlex.split(line)
    assert claims.main(words[words.index("tools.claims") + 1 :]) == 0


def commands(*arguments: str) -> list[str]:
    """What make would run."""
    planned = subprocess.run(["make", "-n", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return planned.stdout.splitlines()


def run_make(target: str) -> list[str]:
    """What a target that only prints prints."""
    done = subprocess.run(["make", target], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_one_roles_tests_need_what_its_scenario_needs() -> None:
    lines = commands("test-role", "ROLE=firewall")
    assert [line for line in lines if "tools.lab ready" in line] == [
        'python3 -m tools.lab ready --tests --role "firewall"'
    ]
    (step,) = run_tests.of_role("firewall")
    assert step.environment["RINGFENCE_LAB_GROUPS"] == "firewall,tamper"


@pytest.mark.parametrize("kind", ["unit", "integration"])
def test_each_kind_of_tests_has_a_target_that_runs_what_the_whole_run_does(kind: str) -> None:
    (line,) = (line for line in commands(f"test-{kind}") if "pytest" in line)
    (step,) = (step for step in run_tests.always() if step.name == f"{kind} tests")
    assert shlex.split(line)[1:] == step.argv[1:]


def test_the_readme_names_targets_that_there_are() -> None:
    """And all that run tests."""
    listed = set(re.findall(r"^  make (\S+)", "\n".join(run_make("help")), re.M))
    told = set(re.findall(r"^    make ([a-z-]+)", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.M))
    assert told <= listed
    assert {name for name in listed if name.startswith("test")} <= told


def test_a_build_installs_no_environment_for_development(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("tools.lab" in line for line in commands("build"))
    done: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda argv, **_more: done.append([str(word) for word in argv]))
    monkeypatch.setattr(build_collection, "REPOSITORY", tmp_path)
    monkeypatch.setattr(build_collection, "ALONE", tmp_path / ".cache" / "build")
    monkeypatch.setattr(build_collection.shutil, "which", lambda _name: None)
    (tmp_path / "requirements.txt").write_text("# pinned\n" + "\n".join([*PINS, "pytest==9\n"]))
    assert build_collection.galaxy() == f"{tmp_path}/.cache/build/bin/ansible-galaxy"
    assert [argv[-2:] for argv in done] == [["venv", f"{tmp_path}/.cache/build"], PINS]
    there = tmp_path / ".venv" / "bin" / "ansible-galaxy"
    there.parent.mkdir(parents=True)
    there.touch()
    assert build_collection.galaxy() == str(there)
