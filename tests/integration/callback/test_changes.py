# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines at the end of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ansible_command import REPOSITORY, Ansible

TASKS = """\
- {name: Change one, ansible.builtin.debug: {msg: a}, changed_when: true}
- {name: Change nothing, ansible.builtin.debug: {msg: b}}
- {name: Fail and go on, ansible.builtin.fail: {msg: c}, ignore_errors: true}
- {name: Fail, ansible.builtin.fail: {msg: d}, when: inventory_hostname == 'b'}
"""
PLAY = """\
- hosts: all
  gather_facts: false
  pre_tasks:
    - {name: Come before, ansible.builtin.debug: {msg: e}, changed_when: inventory_hostname == 'a'}
  roles: [door]
"""


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    made = Ansible(tmp_path)
    made.write("roles/door/tasks/main.yml", TASKS)
    made.write("play.yml", PLAY)
    return made


@pytest.mark.parametrize(("option", "verb"), [([], "changed"), (["--check"], "would change")])
def test_each_host_and_role_has_one_line(ansible: Ansible, option: list[str], verb: str) -> None:
    enabled = {"ANSIBLE_CALLBACKS_ENABLED": "ringfence.callcenter.changes"}
    done = ansible.run("ansible-playbook", "-i", "a,b", "play.yml", *option, **enabled)
    lines = done.stdout.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"WHAT {verb.upper()} *"))
    assert [line for line in lines[start + 1 :] if line] == [
        f"a door: {verb} 1: Change one",
        f"a playbook: {verb} 1: Come before",
        f"b door: {verb} 1: Change one; failed 1: Fail",
    ]


def test_nothing_is_said_to_be_nothing_and_it_speaks_only_when_asked(ansible: Ansible) -> None:
    quiet = ansible.write("quiet.yml", "- {hosts: all, gather_facts: false, tasks: []}\n")
    enabled = {"ANSIBLE_CALLBACKS_ENABLED": "ringfence.callcenter.changes"}
    done = ansible.run("ansible-playbook", "-i", "a,", quiet, **enabled)
    assert done.stdout.rstrip().splitlines()[-1] == "nothing"
    assert "WHAT CHANGED" not in ansible.run("ansible-playbook", "-i", "a,", quiet).stdout


def test_the_examples_configuration_enables_it() -> None:
    text = (REPOSITORY / "inventories" / "example" / "ansible.cfg").read_text(encoding="utf-8")
    assert "callbacks_enabled = ringfence.callcenter.changes" in text
