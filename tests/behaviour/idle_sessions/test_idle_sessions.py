# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sessions that nobody types in end, busy ones do not; the settings of desktops hold for users.

Three things end a session here, and each is seen alone: sshd ends a dash over ssh; bash ends on a terminal that belongs
to no session; logind ends a dash on a console. All sessions of all hosts are watched at the same time, once for all.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from tests.support.lab import Lab

# The sessions of all hosts are watched at the same time.
pytestmark = pytest.mark.together

DRIVER = (Path(__file__).parent / "driver.py").read_text(encoding="utf-8")
USER = "rf-idle"
SSH = "ssh -i /tmp/rf-idle-key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlPath=none"
SSH += " -o LogLevel=ERROR -o ServerAliveInterval=0"
LIMIT = int(
    yaml.safe_load((REPOSITORY / "molecule/idle_sessions/vars.yml").read_text(encoding="utf-8"))[
        "idle_sessions_seconds"
    ]
)
#: How long sessions are watched: what ends late on a busy machine still ends within it.
WATCH = 2.5 * LIMIT
BUSY = 1.75 * LIMIT
#: The kernel notes when a terminal was read from to so many seconds only.
EXACT = 8


def session(argv: list[str], *, terminal: bool | str, busy: bool, text: str = "echo typed\n") -> dict[str, Any]:
    """A session for the driver: a busy one gets something typed every third of the limit."""
    every = LIMIT / 3 if busy else 0
    return {"argv": argv, "terminal": terminal, "type": text, "every": every, "watch": BUSY if busy else WATCH}


@pytest.fixture(scope="module")
def everywhere(lab: Lab) -> Iterator[dict[str, dict[str, dict[str, Any]]]]:
    """What became of every session, host by host: the hosts are watched at the same time too."""
    hosts = [name for name in lab.hosts if name.startswith("idle-sessions-")]
    peer = lab.peer(hosts[0])
    lab.run(peer, "test -e /tmp/rf-idle-key || ssh-keygen -q -t ed25519 -N '' -f /tmp/rf-idle-key")
    key = lab.run(peer, "cat /tmp/rf-idle-key.pub").stdout.strip()
    home = f"/home/{USER}"
    for name in hosts:
        made = lab.run(
            name,
            f"id {USER} >/dev/null 2>&1 || useradd -m -s /bin/dash {USER}; install -d -o {USER} -m 0700 {home}/.ssh;"
            f"echo '{key}' > {home}/.ssh/authorized_keys; chown {USER} {home}/.ssh/authorized_keys",
        )
        assert made.rc == 0, made.stderr
    with ThreadPoolExecutor() as pool:
        over_ssh = {name: pool.submit(watch, lab, peer, sessions_over_ssh(lab.address(name))) for name in hosts}
        here = {name: pool.submit(watch, lab, name, sessions_here()) for name in hosts}
        yield {name: over_ssh[name].result() | here[name].result() for name in hosts}
    for name in hosts:
        # A session that is just ending may hold the account for a moment.
        gone = f"pkill -KILL -u {USER}; userdel --force --remove {USER}; ! getent passwd {USER}"
        assert lab.run(name, f"for i in 1 2 3 4 5; do ({gone}) && exit 0; sleep 1; done; exit 1").rc == 0


@pytest.fixture
def lasted(everywhere: dict[str, dict[str, dict[str, Any]]], name: str) -> dict[str, dict[str, Any]]:
    """How long each session of this host lasted, and what it said."""
    return everywhere[name]


def sessions_over_ssh(address: str) -> dict[str, dict[str, Any]]:
    """Sessions that begin on another host; the person's shell is dash, which has no limit of its own."""
    to = [*SSH.split(), f"{USER}@{address}"]
    return {
        "ssh idle": session([to[0], "-tt", *to[1:]], terminal=True, busy=False),
        "ssh busy": session([to[0], "-tt", *to[1:]], terminal=True, busy=True),
        "ssh without a terminal": session([to[0], "-T", *to[1:]], terminal=False, busy=False),
        "command silent": session([*to, "sleep 200"], terminal=False, busy=False, text=""),
    }


def sessions_here() -> dict[str, dict[str, Any]]:
    """Sessions that begin on the host itself."""
    as_user = ["runuser", "-u", USER, "--"]
    console = [f"--uid={USER}", "--", "dash", "-i"]
    return {
        "bash idle": session([*as_user, "bash", "--login", "-i"], terminal=True, busy=False),
        "bash busy": session([*as_user, "bash", "--login", "-i"], terminal=True, busy=True),
        "bash within idle": session([*as_user, "env", "-u", "TMOUT", "bash", "-i"], terminal=True, busy=False),
        "bash defiant": session([*as_user, "bash", "-i"], terminal=True, busy=False, text="unset TMOUT; TMOUT=0\n"),
        "su": session(["su", "-s", "/bin/bash", "-", USER], terminal=True, busy=False),
        "console idle": session(console, terminal="console", busy=False),
        "console busy": session(console, terminal="console", busy=True),
    }


def watch(lab: Lab, where: str, sessions: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Watch sessions that begin on one host."""
    done = lab.run(
        where, f"python3 -c {shlex.quote(DRIVER)}", stdin=json.dumps(list(sessions.values())), timeout=WATCH + 90
    )
    assert done.rc == 0, done.stderr
    return dict(zip(sessions, json.loads(done.stdout)))


def ended(seen: dict[str, Any]) -> bool:
    """Whether a session ended, and not before its time (text was typed in its second second)."""
    return seen["lasted"] is not None and seen["lasted"] >= LIMIT - 1


@pytest.mark.proof("idle-lock.ssh")
@pytest.mark.control("idle_sessions.ssh")
def test_an_idle_shell_over_ssh_ends_and_a_busy_one_does_not(lasted: dict[str, dict[str, Any]]) -> None:
    for kind in ("ssh idle", "ssh without a terminal"):
        assert "typed" in lasted[kind]["output"], lasted[kind]
        assert ended(lasted[kind]), lasted[kind]
    assert lasted["ssh busy"]["lasted"] is None, lasted["ssh busy"]


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.ssh")
def test_a_silent_command_over_ssh_goes_on(lasted: dict[str, dict[str, Any]]) -> None:
    """So an automation account may do something that takes long."""
    assert lasted["command silent"]["lasted"] is None, lasted["command silent"]


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.shells")
@pytest.mark.parametrize("shell", ["bash idle", "bash within idle", "su"])
def test_bash_ends_at_an_idle_prompt(lasted: dict[str, dict[str, Any]], shell: str) -> None:
    """A login shell, one that is none, and the one of su."""
    assert ended(lasted[shell]), lasted[shell]
    assert "auto-logout" in lasted[shell]["output"], lasted[shell]


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.shells")
def test_bash_goes_on_while_somebody_types_and_cannot_be_told_otherwise(lasted: dict[str, dict[str, Any]]) -> None:
    assert lasted["bash busy"]["lasted"] is None, lasted["bash busy"]
    assert "readonly variable" in lasted["bash defiant"]["output"], lasted["bash defiant"]
    assert ended(lasted["bash defiant"]), lasted["bash defiant"]


@pytest.mark.proof("idle-lock.console")
@pytest.mark.control("idle_sessions.consoles")
def test_an_idle_console_ends_whatever_runs_there_and_a_busy_one_does_not(lasted: dict[str, dict[str, Any]]) -> None:
    idle = lasted["console idle"]
    assert "typed" in idle["output"], idle
    assert idle["lasted"] is not None, idle
    assert idle["lasted"] >= LIMIT - EXACT, idle
    assert lasted["console busy"]["lasted"] is None, lasted["console busy"]


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.desktop")
@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        ("/org/gnome/desktop/session/idle-delay", f"uint32 {LIMIT}", "uint32 0"),
        ("/org/gnome/desktop/screensaver/lock-enabled", "true", "false"),
        ("/org/cinnamon/desktop/session/idle-delay", f"uint32 {LIMIT}", "uint32 0"),
        ("/org/mate/screensaver/lock-enabled", "true", "false"),
    ],
)
def test_a_user_gets_the_settings_of_the_desktop_and_cannot_change_them(
    lab: Lab, name: str, key: str, value: str, other: str
) -> None:
    """What GNOME, Cinnamon and MATE read; the desktops themselves are not in this test."""
    as_nobody = "cd /; runuser -u nobody -- env HOME=/tmp/rf-home XDG_RUNTIME_DIR=/tmp/rf-run"
    lab.run(name, "install -d -o nobody -m 0700 /tmp/rf-home /tmp/rf-run")
    assert lab.run(name, f"{as_nobody} dconf read {key}").stdout.strip() == value
    refused = lab.run(name, f"{as_nobody} dconf write {key} '{other}'")
    assert refused.rc != 0
    assert "not writable" in refused.stderr or "non-writable" in refused.stderr, refused.stderr
    lab.run(name, "rm -rf /tmp/rf-home /tmp/rf-run")
