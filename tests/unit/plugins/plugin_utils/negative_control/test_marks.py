# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is broken on a host that was not named or has no mark."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import marks
from tools.lab import hosts
from tools.lab import mark as lab_mark

INVENTORY = ["ws-1", "ws-2", "gw"]


def told(text: str) -> dict[str, Any]:
    """What slurp tells of a file."""
    return {"content": base64.b64encode(text.encode()).decode()}


def test_names() -> None:
    """As a list or in one text."""
    assert marks.asked(" ws-1, ws-2,,ws-1") == marks.asked(["ws-1", "ws-2"]) == ["ws-1", "ws-2"]
    assert marks.asked(None) == marks.asked("") == []
    marks.check_names(["ws-1"], INVENTORY, ["ws-1"])


@pytest.mark.parametrize(
    ("names", "present", "errors"),
    [
        ([], ["ws-1"], ["no host is named"]),
        (["all"], INVENTORY, ["'all' is no host of the inventory", "ws-1: is in this play and not named"]),
        (["ws-1", "ws-2"], ["ws-1"], ["ws-2 is not among the hosts that this run was limited to"]),
        (["ws-1", "ws3"], ["ws-1", "gw"], ["'ws3' is no host", "gw: is in this play and not named"]),
    ],
)
def test_names_that_are_refused(names: list[str], present: list[str], errors: list[str]) -> None:
    """Groups and patterns name nobody, and a play never has a host that nobody named."""
    with pytest.raises(marks.RefusedError) as caught:
        marks.check_names(names, INVENTORY, present)
    for text in errors:
        assert text in str(caught.value)


def test_marks() -> None:
    """The line with the host's own name counts."""
    marks.check_marks(["ws-1"], {"ws-1": told("# words\nhost: ws-1\n")})


def test_hosts_that_are_refused_are_all_named() -> None:
    """With what is missing on each."""
    answers = {
        "ws-1": told("host: ws-1\n"),
        "ws-2": told("host: ws-20\nhost: ws-1\n"),
        "gw": {"failed": False, "msg": "file not found: /etc/ringfence-lab"},
        "db": {"unreachable": True, "msg": "no route\nto host"},
        "log": {"content": "!"},
    }
    with pytest.raises(marks.RefusedError) as caught:
        marks.check_marks(["ws-1", "ws-2", "gw", "db", "log", "mail"], answers)
    assert caught.value.errors == [
        "ws-2: its mark /etc/ringfence-lab has no line 'host: ws-2', so it was made for another machine",
        "gw: has no mark /etc/ringfence-lab, so it is no host of a lab and is not broken",
        "db: cannot be reached: no route to host",
        "log: has no mark /etc/ringfence-lab, so it is no host of a lab and is not broken",
        "mail: has no mark /etc/ringfence-lab, so it is no host of a lab and is not broken",
    ]


def test_the_lab_writes_the_mark_that_is_read(tmp_path: Path) -> None:
    """The same file, with a line that counts for the machine it was written on and for no other."""
    assert lab_mark.PATH == marks.MARK
    assert lab_mark.WRITE in hosts._SETTLE
    path = tmp_path / "mark"
    subprocess.run(["sh", "-ec", lab_mark.WRITE.replace(marks.MARK, str(path))], check=True)
    answer = told(path.read_text(encoding="utf-8"))
    marks.check_marks([os.uname().nodename], {os.uname().nodename: answer})
    with pytest.raises(marks.RefusedError):
        marks.check_marks(["other"], {"other": answer})
