# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sessions of MATE and Xfce whose screens lock, whatever their users try; and what KDE makes of its file.

The least that MATE and Xfce know is a minute. All sessions of all hosts run at the same time.
"""

from __future__ import annotations

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.lab import Lab

# The desktops of all hosts are watched at the same time.
pytestmark = pytest.mark.together

DRIVER = (Path(__file__).parent / "desktop.py").read_text(encoding="utf-8")
MINUTE = 60
#: Xfce's own screensaver is not in Debian 12.
DESKTOPS = {"debian12": ["mate"], "debian13": ["mate", "xfce"]}


@pytest.fixture(scope="module")
def seen(lab: Lab) -> dict[tuple[str, str], dict[str, Any]]:
    """What became of every desktop, by host and kind."""
    hosts = [name for name in lab.hosts if name.startswith("idle-sessions-")]
    pairs = [(name, kind) for name in hosts for kind in DESKTOPS[lab.release(name)]]
    with ThreadPoolExecutor() as pool:
        return dict(zip(pairs, pool.map(lambda pair: session(lab, *pair), pairs)))


def session(lab: Lab, name: str, kind: str) -> dict[str, Any]:
    """One session."""
    done = lab.run(name, f"python3 -c {shlex.quote(DRIVER)} {kind}", timeout=400)
    assert done.rc == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def desktops(seen: dict[tuple[str, str], dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """The desktops of this host by their kind."""
    found = {kind: what for (host, kind), what in seen.items() if host == name}
    assert found
    return found


@pytest.mark.proof("idle-lock.desktop")
@pytest.mark.control("idle_sessions.desktop")
def test_the_screen_locks_when_nobody_types_and_not_before(desktops: dict[str, dict[str, Any]]) -> None:
    """A minute after the last key, not after the beginning of the session."""
    for kind, what in desktops.items():
        assert not what["early"], (kind, what)
        assert what["locked"] is not None, (kind, what)
        # The last key is pressed a little before the clock starts; a busy machine is late.
        assert MINUTE - 5 <= what["locked"] <= 2 * MINUTE, (kind, what)


@pytest.mark.proof("idle-lock.desktop")
@pytest.mark.control("idle_sessions.desktop")
def test_only_the_password_opens_it(desktops: dict[str, dict[str, Any]]) -> None:
    """A key brings the question for the password, a wrong one does not open the screen, the right one does."""
    for kind, what in desktops.items():
        assert what["after"] == {"key": True, "wrong": True, "right": False}, (kind, what)


@pytest.mark.proof("idle-lock.desktop")
@pytest.mark.control("idle_sessions.desktop")
def test_its_user_could_not_switch_it_off(desktops: dict[str, dict[str, Any]]) -> None:
    """The session that locked is the one whose user had tried all this: MATE's tools refuse, Xfce's say nothing."""
    for kind, what in desktops.items():
        assert what["locked"] is not None, (kind, what)
        for attempt, words in what["attempts"].items():
            refused = "not writable" in words or "non-writable" in words
            assert refused or attempt.startswith("xfconf-query"), (kind, attempt, words)


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.desktop")
def test_a_user_of_kde_cannot_change_when_the_screen_locks(lab: Lab, name: str) -> None:
    """KDE's own programs that read and write its settings; no Plasma session runs here."""
    as_nobody = "cd /; runuser -u nobody -- env HOME=/tmp/rf-kde"
    generations = [number for number in (5, 6) if lab.run(name, f"test -x /usr/bin/kreadconfig{number}").rc == 0]
    assert generations
    try:
        for number in generations:
            lab.run(name, "rm -rf /tmp/rf-kde; install -d -o nobody -m 0700 /tmp/rf-kde /tmp/rf-kde/.config")
            place = "--file kscreenlockerrc --group Daemon"
            for key, value, other in (
                ("Autolock", "true", "false"),
                ("Timeout", "1", "600"),
                ("LockGrace", "0", "300"),
            ):
                lab.run(name, f"{as_nobody} kwriteconfig{number} {place} --key {key} {other}")
                own = f"printf '[Daemon]\\n{key}={other}\\n' > /tmp/rf-kde/.config/kscreenlockerrc"
                assert lab.run(name, f"{as_nobody} sh -c {shlex.quote(own)}").rc == 0
                read = lab.run(name, f"{as_nobody} kreadconfig{number} {place} --key {key}")
                assert read.stdout.strip() == value, (number, key, read)
            # The programs work: what the role does not fix can be changed.
            lab.run(name, f"{as_nobody} kwriteconfig{number} --file kscreenlockerrc --group Greeter --key Theme mine")
            read = lab.run(name, f"{as_nobody} kreadconfig{number} --file kscreenlockerrc --group Greeter --key Theme")
            assert read.stdout.strip() == "mine", (number, read)
    finally:
        lab.run(name, "rm -rf /tmp/rf-kde")
