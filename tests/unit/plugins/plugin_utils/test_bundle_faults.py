# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wherever an audit dies, whatever the disk refuses: a bundle is whole or it is not there, and the next is chained."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, verify_bundle

SITE = {"name": "demo", "title": "Demo"}
#: What sealing calls to change anything on the disk.
STEPS = ("write", "sync_directory", "rename", "symlink", "replace")


@pytest.fixture
def seal(tmp_path: Path, pci: Any, site: Any, sample: Any) -> Callable[[], bundle.SealedFolder]:
    """Begin and seal one bundle."""
    return lambda: bundle.seal(bundle.open_run(str(tmp_path), SITE), sample.material(pci, site))


def interrupted(monkeypatch: pytest.MonkeyPatch, at: int, act: Callable[[], None]) -> None:
    """Have the step of that number, counted over all kinds of steps, act before anything else."""
    left = SimpleNamespace(steps=at)

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            left.steps -= 1
            if left.steps == 0:
                act()
            return step(*arguments, **named)

        return call

    for name in STEPS:
        module = canonical if name in ("write", "sync_directory") else os
        monkeypatch.setattr(module, name, counted(getattr(module, name)))


def count_steps(seal: Callable[[], Any]) -> int:
    """How many steps one bundle takes."""
    seen = SimpleNamespace(steps=0)

    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            module = canonical if name in ("write", "sync_directory") else os
            step = getattr(module, name)

            def call(*arguments: Any, step: Any = step, **named: Any) -> Any:
                seen.steps += 1
                return step(*arguments, **named)

            patch.setattr(module, name, call)
        seal()
    return int(seen.steps)


def whole(directory: Path) -> list[str]:
    """The bundles that are there, each as it was sealed and in one chain."""
    problems, _notes = verify_bundle.check(str(directory))
    assert problems == []
    return verify_bundle.bundles(str(directory))


def test_a_disk_that_is_full_at_any_step(tmp_path: Path, seal: Callable[[], Any]) -> None:
    seal()
    steps, before = count_steps(seal), len(whole(tmp_path))

    def full() -> None:
        raise OSError(28, "No space left on device")

    for at in range(1, steps + 1):
        with pytest.MonkeyPatch.context() as patch:
            interrupted(patch, at, full)
            with pytest.raises(bundle.BundleError, match="No space left on device"):
                seal()
        # From the rename on the bundle is there, and whole; what failed then was to point at it.
        assert len(whole(tmp_path)) >= before
        before = len(whole(tmp_path))
    seal()
    assert len(whole(tmp_path)) == before + 1


def test_a_run_that_is_killed_at_any_step(tmp_path: Path, seal: Callable[[], Any]) -> None:
    seal()
    steps, before = count_steps(seal), len(whole(tmp_path))
    killed = multiprocessing.get_context("fork")

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def run(at: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            interrupted(patch, at, die)
            seal()

    for at in range(1, steps + 1):
        child = killed.Process(target=run, args=(at,))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        assert len(whole(tmp_path)) >= before
        before = len(whole(tmp_path))
    seal()
    assert len(whole(tmp_path)) == before + 1
    assert verify_bundle.load(str(tmp_path / os.readlink(tmp_path / "latest")))["sequence"] == before + 1


def test_audits_at_once_in_processes_of_their_own(tmp_path: Path, seal: Callable[[], Any]) -> None:
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=seal) for _number in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    assert len(whole(tmp_path)) == 4
    for name in verify_bundle.bundles(str(tmp_path)):
        told = json.loads((tmp_path / name / "delta.json").read_text())
        assert told["compared_with"] == verify_bundle.load(str(tmp_path / name))["previous_run"]


def test_a_clock_that_goes_back_does_not_break_the_chain(
    tmp_path: Path, seal: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = seal()
    monkeypatch.setattr(bundle, "run_id", lambda *_: "20200101T000000Z-000000")
    monkeypatch.setattr(bundle, "utc", lambda *_: "2020-01-01T00:00:00Z")
    second = seal()
    monkeypatch.undo()
    third = seal()
    assert len(whole(tmp_path)) == 3
    assert verify_bundle.load(second.path)["previous_run"] == first.run["run"]
    assert verify_bundle.load(third.path)["previous_run"] == second.run["run"]


def test_a_record_that_the_disk_refuses_is_one_clear_sentence(tmp_path: Path, site: Any) -> None:
    partial = bundle.open_run(str(tmp_path), SITE)
    os.rmdir(Path(partial, "hosts"))
    with pytest.raises(bundle.BundleError, match="the record of gw1 cannot be written: "):
        bundle.write_record(partial, site["records"][0])
