# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy for units that is never left behind: not by an end, an error, a signal or a power cut."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.start_policy import StartPolicy

OWN = "#!/bin/sh\nexit 104\n"


@pytest.fixture
def policy(tmp_path: Path) -> StartPolicy:
    """A policy for two units, in a folder of its own."""
    return StartPolicy(["fail2ban.service", "clamav-daemon.socket"], path=str(tmp_path / "policy-rc.d"))


def own(policy: StartPolicy) -> None:
    """The administrator's policy."""
    Path(policy.path).write_text(OWN, encoding="utf-8")
    Path(policy.path).chmod(0o755)


def run(policy: StartPolicy, script: str) -> int:
    """A script in the place of apt-get."""
    return subprocess.run(policy.around(["/bin/sh", "-c", script]), check=False).returncode


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ('fail2ban.service "start"', 101),
        ("fail2ban.service restart", 101),
        ("--quiet fail2ban start 5", 101),
        ('fail2ban "(start)"', 101),
        ("clamav-daemon.socket start", 101),
        ("clamav-daemon start", 0),
        ("fail2ban stop", 0),
        ("squid.service start", 0),
    ],
)
def test_what_it_answers(policy: StartPolicy, words: str, answer: int) -> None:
    """As deb-systemd-invoke and invoke-rc.d ask it; an administrator's own is asked about the rest."""
    assert run(policy, f"{policy.path} {words}") == answer
    own(policy)
    assert run(policy, f"{policy.path} {words}") == (answer or 104)


@pytest.mark.parametrize("script", ["true", "exit 100", "kill -TERM $PPID; sleep 1"])
def test_it_goes(policy: StartPolicy, script: str) -> None:
    """And the administrator's comes back as it was."""
    folder = Path(policy.path).parent
    run(policy, script)
    assert list(folder.iterdir()) == []
    own(policy)
    run(policy, script)
    assert [path.name for path in folder.iterdir()] == ["policy-rc.d"]
    assert Path(policy.path).read_text(encoding="utf-8") == OWN
    assert os.access(policy.path, os.X_OK)


def test_the_exit_status_is_that_of_the_command(policy: StartPolicy) -> None:
    """apt-get's 100 must not be lost."""
    assert run(policy, "exit 100") == 100


@pytest.mark.parametrize("administrators", [True, False])
def test_what_a_power_cut_leaves_says_nothing_and_goes_next_time(policy: StartPolicy, administrators: bool) -> None:
    """Its process is gone, so it only hands on to the administrator's own."""
    if administrators:
        own(policy)
    in_place = f"while ! grep -q ringfence {policy.path}; do sleep 0.05; done; touch {policy.path}.seen; sleep 60"
    with subprocess.Popen(policy.around(["/bin/sh", "-c", in_place]), start_new_session=True) as shell:
        seen = Path(f"{policy.path}.seen")
        deadline = time.monotonic() + 20
        while not seen.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(shell.pid, signal.SIGKILL)
    seen.unlink()
    left = subprocess.run([policy.path, "fail2ban.service", "start"], check=False).returncode
    assert left == (104 if administrators else 0)
    assert run(policy, "true") == 0
    assert [path.name for path in Path(policy.path).parent.iterdir()] == ["policy-rc.d"] * administrators
