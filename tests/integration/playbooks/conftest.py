# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of the collection as a person runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import shown_records as shown

REPOSITORY = Path(__file__).resolve().parents[3]


def start(name: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a playbook over hosts.yml of a folder, in a process group of its own.

    This checkout is the only collection. What it says goes into a pipe.
    """
    link = folder / "collections" / "ansible_collections" / "ringfence" / "callcenter"
    if not link.exists():
        link.parent.mkdir(parents=True)
        link.symlink_to(REPOSITORY)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_HOME": str(folder / "home"),
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    return subprocess.Popen(
        [program, f"ringfence.callcenter.{name}", "-i", "hosts.yml", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_playbook(name: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook over hosts.yml of a folder, with this checkout as the only collection."""
    running = start(name, folder, *arguments)
    try:
        said, complained = running.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        raise
    return subprocess.CompletedProcess(running.args, running.returncode, said, complained)


@pytest.fixture(scope="session")
def start_playbook() -> Callable[..., subprocess.Popen[str]]:
    """What starts a playbook and does not wait for its end: its name, the folder of the site, further arguments."""
    return start


@pytest.fixture(scope="session")
def playbook() -> Callable[..., subprocess.CompletedProcess[str]]:
    """What runs a playbook: its name, the folder of the site, further arguments."""
    return run_playbook


@pytest.fixture(scope="session")
def leave_records() -> Callable[[Path, str], None]:
    """What leaves a rule review and a segmentation test with a text in them in an evidence folder."""

    def leave(evidence: Path, text: str) -> None:
        shown.leave(evidence, shown.rule_review(shown.rule(reason=text, permits=[text])))
        shown.leave(evidence, shown.segmentation(title=text, findings=[]))

    return leave
