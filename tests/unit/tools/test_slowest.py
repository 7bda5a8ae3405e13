# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the seconds of a run went: noted by whoever took them, read as one table."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import seconds
from tools import slowest
from tools.repository import Repository


def line(kind: str, scenario: str, name: str, took: float, cpu: float | None = 1.0) -> dict[str, Any]:
    return {"kind": kind, "scenario": scenario, "name": name, "begun": "", "seconds": took, "cpu": cpu}


LINES = [
    line("playbook", "firewall", "converge", 30),
    line("step", "", "role scenarios", 900),
    line("step", "", "unit tests", 200),
    line("step", "", "integration tests", 150),
    line("playbook", "firewall", "converge", 20),
    line("playbook", "antivirus", "converge", 25),
    line("gate", "", "sanity", 210, None),
    line("test", "unit", "test_x.py::test_y", 300),
]


def test_phases_are_what_a_step_is_made_of() -> None:
    found = slowest.phases(slowest.numbered(LINES))
    assert [(one["scenario"], one["name"]) for one in found] == [
        ("", "sanity"),
        ("", "unit tests"),
        ("", "integration tests"),
        ("firewall", "converge"),
        ("antivirus", "converge"),
        ("firewall", "converge (2)"),
    ]


def test_the_table_can_be_read() -> None:
    assert slowest.table([LINES[0], LINES[-2]]) == [
        "    30.0 s      1.0 s  playbook firewall converge",
        "   210.0 s             gate sanity",
    ]


def test_a_watch_tells_waiting_from_computing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(seconds.PLACE, str(tmp_path / "noted"))
    waits = seconds.Watch()
    time.sleep(0.3)
    waits.note("test", "unit", "waits", waits.cpu)
    computes, before = seconds.Watch(), seconds.machine_cpu()
    subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], check=True)
    computes.note("test", "unit", "computes", computes.cpu)
    slept, worked = seconds.read(tmp_path / "noted")
    assert slept["seconds"] >= 0.3
    assert slept["cpu"] < slept["seconds"]
    assert worked["cpu"] > slept["cpu"]
    assert seconds.machine_cpu() > before


def test_nothing_is_written_where_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(seconds.PLACE, raising=False)
    monkeypatch.chdir(tmp_path)
    watch = seconds.Watch()
    watch.note("test", "unit", "x", watch.cpu)
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_ran_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert slowest.main([], Repository(tmp_path)) == 1
    assert "run `make test`" in capsys.readouterr().err
    noted = tmp_path / ".cache" / slowest.PLACE
    noted.parent.mkdir()
    noted.write_text('{"kind": "gate", "scenario": "", "name": "ruff", "begun": "", "seconds": 2, "cpu": null}\n')
    assert slowest.main(["--kind", "gate"], Repository(tmp_path)) == 0
    assert "gate ruff" in capsys.readouterr().out
