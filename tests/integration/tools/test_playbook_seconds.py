# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who notes seconds: a playbook that runs by itself, and a test, but not the playbook that it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import seconds

CHECKOUT = Path(__file__).resolve().parents[3]
PLAY = "- hosts: localhost\n  gather_facts: false\n  tasks: [{name: Nothing, ansible.builtin.meta: noop}]\n"


def test_a_playbook_and_a_test_note_themselves(tmp_path: Path) -> None:
    """But for a playbook that a test runs, whose seconds are the test's."""
    (tmp_path / "converge.yml").write_text(PLAY, encoding="utf-8")
    (tmp_path / "test_one.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_runtest_protocol\n", encoding="utf-8")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        seconds.PLACE: str(tmp_path / "noted"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests/support/callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "playbook_seconds",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "MOLECULE_SCENARIO_NAME": "example",
        "PYTHONPATH": str(CHECKOUT),
    }
    play = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(tmp_path / "converge.yml")]
    for argv, more in (
        ([*play, "--check"], {}),
        (play, {"PYTEST_CURRENT_TEST": "test_one.py"}),
        ([sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider", str(tmp_path)], {}),
    ):
        done = subprocess.run(argv, env=environment | more, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    noted = [(one["kind"], one["scenario"], one["name"]) for one in seconds.read(tmp_path / "noted")]
    assert noted == [("playbook", "example", "converge --check"), ("test", "example", "test_one.py::test_it")]
