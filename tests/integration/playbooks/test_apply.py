# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps from a playbook to this machine and back: over standard input and as a module, in check mode, with faults."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.ansible_command import Ansible

PATH = "ringfence.callcenter.generated_path"
FILES = "ringfence.callcenter.managed_files"
LOCAL = ("-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}")
CALLBACK = {"ANSIBLE_CALLBACKS_ENABLED": "ringfence.callcenter.changes"}
#: How a program of ours gets to the host.
WAYS = pytest.mark.parametrize("pipelining", ["true", "false"])


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    return Ansible(tmp_path)


def made(path: Path, *argv: str, **more: Any) -> dict[str, Any]:
    return {"name": f"Have {path.name}", PATH: {"path": str(path), "argv": list(argv or ["touch", str(path)])}, **more}


def play(ansible: Ansible, *steps: dict[str, Any], **task: Any) -> str:
    tasks = [
        {"name": "Do it", "ringfence.callcenter.apply": {"steps": list(steps)}, "register": "done", **task},
        {"name": "Tell", "ansible.builtin.copy": {"content": "{{ done | to_json }}", "dest": f"{ansible.home}/result"}},
    ]
    return ansible.write("play.yml", json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))


@WAYS
def test_steps_reach_the_host_and_their_results_come_back(ansible: Ansible, pipelining: str) -> None:
    a, b = ansible.home / "a", ansible.home / "b"
    secret = {"name": "Look at a secret", FILES: {"managed_by": "trial", "files": [_secret()]}, "check_mode": True}
    name = play(ansible, made(a, controls=["trial.a"]), made(b, "sh", "-c", f'echo "$COLOUR" > {b}'), secret,
                environment={"COLOUR": "blue"})  # fmt: skip
    done = ansible.run("ansible-playbook", *LOCAL, "-e", f"ansible_pipelining={pipelining}", name, "--diff", **CALLBACK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert b.read_text(encoding="utf-8") == "blue\n"
    assert "localhost playbook: changed 3: Have a, Have b, Tell" in done.stdout
    assert done.stdout.count("changed: [localhost] => Have") == 2
    assert f"+{a}: made" in done.stdout
    assert "correct horse" not in done.stdout + done.stderr
    result = json.loads((ansible.home / "result").read_text(encoding="utf-8"))
    assert [one["name"] for one in result["steps"]] == ["Have a", "Have b", "Look at a secret"]
    assert result["steps"][0]["controls"] == ["trial.a"]
    assert result["steps"][0]["commands"] == [["touch", str(a)]]
    assert "correct horse" not in str(result)


def _secret() -> dict[str, str]:
    return {"path": "/run/ringfence-trial", "secret_content": "correct horse"}


@WAYS
def test_check_mode_tells_and_touches_nothing(ansible: Ansible, pipelining: str) -> None:
    name = play(ansible, made(ansible.home / "a"))
    done = ansible.run(
        "ansible-playbook", *LOCAL, "-e", f"ansible_pipelining={pipelining}", name, "--check", "--diff", **CALLBACK
    )
    assert "localhost playbook: would change 2: Have a, Tell" in done.stdout, done.stdout + done.stderr
    assert not (ansible.home / "a").exists()


def test_a_wrong_step_is_told_before_anything_is_touched(ansible: Ansible) -> None:
    name = play(ansible, made(ansible.home / "a"), {"name": "Keep it", FILES: {"keper": "x"}}, {"name": "Rest"})
    done = ansible.run("ansible-playbook", *LOCAL, name)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "Nothing was touched: steps: Keep it: ringfence.callcenter.managed_files: missing required" in said
    assert "steps: Rest: has no module, valid are" in said
    assert not (ansible.home / "a").exists()


def test_a_step_that_fails_says_what_was_done_and_what_was_not(ansible: Ansible) -> None:
    a, b, c = (ansible.home / name for name in "abc")
    done = ansible.run("ansible-playbook", *LOCAL, play(ansible, made(a), made(b, "false"), made(c)), **CALLBACK)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert f"Have b: {b} is not there after false ended with 1" in said
    assert "Changed before or after it: Have a. Not done: Have c." in said
    assert "localhost playbook: failed 1: Have b" in said
    assert a.exists()
    assert not c.exists()


def test_a_host_without_python_says_so(ansible: Ansible) -> None:
    name = play(ansible, made(ansible.home / "a"))
    told = ["-e", "ansible_pipelining=true", "-e", "ansible_python_interpreter=/no/such/python"]
    done = ansible.run("ansible-playbook", *LOCAL, *told, name)
    assert done.returncode != 0
    assert "the steps could not be run (exit status 127)" in done.stdout + done.stderr


def test_a_task_that_is_not_to_be_logged_shows_no_step(ansible: Ansible) -> None:
    done = ansible.run("ansible-playbook", *LOCAL, play(ansible, made(ansible.home / "a"), no_log=True))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Have a" not in done.stdout
    assert (ansible.home / "a").exists()


def test_without_a_step_to_run_nobody_is_asked(ansible: Ansible) -> None:
    name = play(ansible, made(ansible.home / "a", when=False))
    done = ansible.run("ansible-playbook", "-i", "nowhere.invalid,", "--tags", "all", name)
    assert "UNREACHABLE" not in done.stdout.split("TASK [Tell]")[0], done.stdout
