# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the role antivirus that run on hosts, loaded from their files."""

from __future__ import annotations

import importlib.util
import stat
import time
from pathlib import Path
from types import ModuleType

import pytest

FILES = Path(__file__).resolve().parents[3] / "roles" / "antivirus" / "files"


def load(name: str) -> ModuleType:
    """One of the programs as a module."""
    spec = importlib.util.spec_from_file_location(f"antivirus_{name}", FILES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MOUNTS = (
    "22 1 0:21 / / rw - ext4 /dev/vda rw\n"
    "40 22 8:1 / /media/my\\040stick rw - vfat /dev/sda1 rw\n"
    "41 22 8:2 / /mediation rw - vfat /dev/sdb1 rw\n"
    "42 22 8:3 / /mnt rw - ext4 /dev/sdc1 rw\n"
)


def test_mounts_below_the_folders() -> None:
    """Names with spaces; not a folder whose name only begins alike."""
    assert load("media").mounts(MOUNTS, ["/media", "/mnt"]) == {"40": "/media/my stick", "42": "/mnt"}


def test_when_the_scanner_loaded_its_definitions() -> None:
    """The last of several, other lines and half lines in between."""
    loaded = load("scan").loaded
    when = time.mktime((2026, 11, 21, 23, 2, 0, 0, 0, -1))
    text = (
        "Sat Nov 21 10:00:00 2026 -> Loaded 2 signatures.\n"
        f"{time.strftime('%a %b %d %H:%M:%S %Y', time.localtime(when))} -> Database correctly reloaded (2 signatures)\n"
        "Sat Nov 21 23:05:00 2026 -> Self checking every 600 seconds.\nhalf a li"
    )
    assert loaded(text) == when
    assert loaded("nothing") == 0


def test_the_quarantine_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there is readable by root only and cannot be run, not even with a set-uid bit."""
    scan = load("scan")
    monkeypatch.setattr(scan.os, "chown", lambda *_args, **_more: None)
    (tmp_path / "virus").write_text("x", encoding="utf-8")
    (tmp_path / "virus").chmod(0o4755)
    scan.lock_away(str(tmp_path))
    assert stat.S_IMODE((tmp_path / "virus").stat().st_mode) == 0o400


def test_a_file_name_cannot_make_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters are replaced."""
    load("scan").log("<1>", "a\n<7>b\x1b[2J")
    assert capsys.readouterr().out == "<1>a?<7>b?[2J\n"
