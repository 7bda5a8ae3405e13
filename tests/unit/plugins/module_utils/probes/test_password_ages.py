# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose passwords age, and who is hidden from it by a date or a number."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import password_ages
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

TODAY = int(time.time() // 86_400)
ASKED = {"maximum_days": 90, "minimum_days": 1}


def seen(root: Path, *lines: str, least: int = 1000) -> dict[str, Any]:
    """What is observed of accounts with ``NAME:UID:CHANGED:MINIMUM:MAXIMUM``."""
    passwd, shadow = "", ""
    for line in lines:
        name, uid, changed, minimum, maximum = line.split(":")
        passwd += f"{name}:x:{uid}:{uid}::/:/bin/sh\n"
        shadow += f"{name}:$y$hash:{changed}:{minimum}:{maximum}:7:::\n"
    etc = root / "etc"
    etc.mkdir()
    for file, text in (("passwd", passwd), ("shadow", shadow), ("login.defs", f"UID_MIN {least}\n")):
        (etc / file).write_text(text)
    return password_ages.observe(Host(root=str(root)), ASKED).value


def test_a_password_that_ages(tmp_path: Path) -> None:
    found = seen(tmp_path, f"ann:1000:{TODAY}:1:90", f"bob:1001:{TODAY + 1}:1:60")
    assert (found["accounts"], found["without_maximum"], found["without_minimum"]) == (2, [], [])


@pytest.mark.parametrize("changed", [TODAY + 2, TODAY + 5000, ""])
def test_a_day_in_the_future_or_none(tmp_path: Path, changed: int | str) -> None:
    assert seen(tmp_path, f"ann:1000:{changed}:1:90")["without_maximum"] == ["ann"]


def test_a_range_of_people_that_begins_late_hides_nobody(tmp_path: Path) -> None:
    assert seen(tmp_path, f"ann:1000:{TODAY}:0:99999", least=60000)["without_maximum"] == ["ann"]
