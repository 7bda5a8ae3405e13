# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that a watch is: left behind by one module and ended by another, with nothing but files between them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_observer as observer
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_packets import Probe

RUN, NONCE = "20261126T110000Z", 0x1234ABCD
SEEN = {("in", Probe(1, "10.1.10.11", "10.1.40.10", "tcp", port)) for port in (80, 22)}
TOLD = [["in", 1, "10.1.10.11", "10.1.40.10", "tcp", [22, 80]]]


class Watch:
    """A watch without sockets: it sees SEEN, and waits as long as the real one."""

    def __init__(self, nonce: int) -> None:
        assert nonce == NONCE
        self.seen: set[observer.Sighting] = set()

    def run(self, seconds: float, stop: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not stop():
            time.sleep(0.01)
        self.seen = SEEN


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The host's folder, with watches that need no root."""
    monkeypatch.setattr(observer, "FOLDER", str(tmp_path / "ringfence" / "segmentation"))
    monkeypatch.setattr(observer, "Watch", Watch)
    yield tmp_path / "ringfence" / "segmentation"
    observer.collect(RUN)  # whatever the test came to, its watch ends


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def until(what: Callable[[], bool]) -> None:
    """Wait for something, and fail when it does not come."""
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_watch_goes_on_behind_the_module_until_it_is_collected(folder: Path) -> None:
    """It is in a session of its own, so that the end of the connection does not end it."""
    observer.start(RUN, NONCE, 60)
    assert names(folder) == [f"{RUN}.pid"]
    assert folder.stat().st_mode & 0o777 == 0o700
    process = int((folder / f"{RUN}.pid").read_text(encoding="ascii"))
    assert os.getsid(process) not in (os.getsid(0), process)
    os.kill(process, signal.SIGHUP)
    assert observer.collect(RUN) == {"watched": True, "seen": TOLD}
    assert names(folder) == []


def test_what_was_collected_is_gone_and_was_no_watch_of_another_run(folder: Path) -> None:
    observer.start(RUN, NONCE, 60)
    assert observer.collect("20261126T120000Z") == {"watched": False, "seen": []}
    assert observer.collect(RUN)["watched"] is True
    assert observer.collect(RUN) == {"watched": False, "seen": []}


def test_a_watch_that_nobody_collects_ends_by_itself_and_says_nothing(folder: Path) -> None:
    """What a run reads that comes too late would not be the whole."""
    observer.start(RUN, NONCE, 0.05)
    until(lambda: names(folder) == [])
    assert observer.collect(RUN) == {"watched": False, "seen": []}


@pytest.mark.parametrize("asked", [True, False])
def test_only_a_watch_that_was_asked_to_end_leaves_a_result(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    """What the process does, in this one: its signals and its output are not touched."""
    handlers: dict[int, Any] = {}
    replaced: list[tuple[int, int]] = []
    watch: Any = Watch(NONCE)

    def run(seconds: float, stop: Callable[[], bool]) -> None:
        assert (folder / f"{RUN}.pid").read_text(encoding="ascii") == str(os.getpid())
        assert not stop()
        if asked:
            handlers[signal.SIGTERM](signal.SIGTERM, None)
        assert bool(stop()) is asked
        watch.seen = SEEN

    watch.run = run
    folder.mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr(signal, "signal", handlers.__setitem__)
        patch.setattr(os, "open", lambda path, flags: 99 if path == os.devnull else -1)
        patch.setattr(os, "dup2", lambda old, new: replaced.append((old, new)))
        observer._serve(watch, RUN, 60)
    assert handlers[signal.SIGHUP] is signal.SIG_IGN
    assert replaced == [(99, 0), (99, 1), (99, 2)]
    assert names(folder) == ([f"{RUN}.json"] if asked else [])


def test_the_watch_holds_no_terminal_and_no_connection(folder: Path) -> None:
    """A module ends, for who called it, when nobody has its output open any more."""
    observer.start(RUN, NONCE, 60)
    process = int((folder / f"{RUN}.pid").read_text(encoding="ascii"))
    assert [os.readlink(f"/proc/{process}/fd/{number}") for number in range(3)] == ["/dev/null"] * 3


def test_a_watch_that_was_killed_was_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it for ever."""
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    (folder / f"{RUN}.pid").write_text(str(gone.pid), encoding="ascii")
    monkeypatch.setattr(observer, "time", Clock())
    assert observer.collect(RUN) == {"watched": False, "seen": []}


@pytest.fixture
def nobody_begins(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A machine on which the process that is to watch never gets that far."""
    clock = Clock()
    monkeypatch.setattr(observer, "time", clock)
    monkeypatch.setattr(os, "fork", lambda: 1)
    monkeypatch.setattr(os, "wait", lambda: (1, 0))
    return clock


def test_a_watch_that_does_not_begin_is_an_error(folder: Path, nobody_begins: Clock) -> None:
    with pytest.raises(OSError, match=f"the watch did not begin: .*/{RUN}.pid is missing"):
        observer.start(RUN, NONCE, 60)
    assert 5 <= nobody_begins.now < 6


def test_who_may_not_watch_is_told_so_before_any_process_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(nonce: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(observer, "Watch", refused)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process was made"))
    with pytest.raises(PermissionError):
        observer.start(RUN, NONCE, 60)
    assert names(folder) == []


def test_what_runs_that_died_have_left_is_removed_after_a_day(folder: Path, nobody_begins: Clock) -> None:
    folder.mkdir(parents=True)
    for name, hours in (("old.pid", 25), ("old.json", 25), ("young.pid", 23)):
        (folder / name).write_text("1", encoding="ascii")
        left = time.time() - hours * 3600
        os.utime(folder / name, (left, left))
    with pytest.raises(OSError, match="did not begin"):
        observer.start(RUN, NONCE, 60)
    assert names(folder) == ["young.pid"]
