# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of Xfce and KDE fix for their users, also when they only look as if they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import kconfig_file, xfconf_file
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

CHANNEL = '<?xml version="1.1" encoding="UTF-8"?>\n<channel name="c" version="1.0"{}>{}</channel>'
PROPERTY = '<property name="lock" type="empty"><property name="enabled" type="bool" value="{}"{}/></property>'


def xfconf(folder: Path, text: str | None) -> dict[str, object]:
    if text is not None:
        (folder / "c.xml").write_text(text)
    return xfconf_file.observe(Host(str(folder)), {"path": "/c.xml", "properties": ["/lock/enabled"]}).value


def test_a_property_that_only_root_may_change_is_locked(tmp_path: Path) -> None:
    seen = xfconf(tmp_path, CHANNEL.format("", PROPERTY.format("true", ' unlocked="root"')))
    assert seen == {"values": {"/lock/enabled": "true"}, "unlocked": []}


def test_a_property_of_a_locked_channel_is_locked(tmp_path: Path) -> None:
    seen = xfconf(tmp_path, CHANNEL.format(' unlocked="root"', PROPERTY.format("true", "")))
    assert seen == {"values": {"/lock/enabled": "true"}, "unlocked": []}


@pytest.mark.parametrize("lock", ["", ' locked="*"', ' locked="alice"', ' unlocked=""', ' unlocked="root;alice"'])
def test_other_locks_leave_somebody_out(tmp_path: Path, lock: str) -> None:
    seen = xfconf(tmp_path, CHANNEL.format("", PROPERTY.format("true", lock)))
    assert seen == {"values": {"/lock/enabled": "true"}, "unlocked": ["/lock/enabled"]}


@pytest.mark.parametrize(
    "text", [None, "", "no xml", CHANNEL.format("", PROPERTY.format("true", ' unlocked="root"'))[:-3]]
)
def test_what_xfce_cannot_read_fixes_nothing(tmp_path: Path, text: str | None) -> None:
    assert xfconf(tmp_path, text) == {"values": {"/lock/enabled": ""}, "unlocked": ["/lock/enabled"]}


@pytest.mark.parametrize(
    ("text", "value", "changeable"),
    [
        ("[Daemon][$i]\nTimeout=15\n", "15", []),
        ("[$i]\n[Daemon]\nTimeout=15\n", "15", []),
        ("[Daemon]\nTimeout[$i]=15\n", "15", []),
        ("[Daemon]\nTimeout[$i]=15\nTimeout=99\n", "15", []),
        ("[Daemon]\nTimeout=15\n", "15", ["Timeout"]),
        ("[Daemon]\nTimeout=15\n[$i]\n[Other]\n", "15", ["Timeout"]),
        ("[Other][$i]\nTimeout=15\n", "", ["Timeout"]),
        ("# [Daemon][$i]\n#Timeout=15\n", "", ["Timeout"]),
        (None, "", ["Timeout"]),
    ],
)
def test_kde_fixes_keys_groups_and_files(tmp_path: Path, text: str | None, value: str, changeable: list[str]) -> None:
    if text is not None:
        (tmp_path / "rc").write_text(text)
    seen = kconfig_file.observe(Host(str(tmp_path)), {"path": "/rc", "group": "Daemon", "keys": ["Timeout"]}).value
    assert seen == {"values": {"Timeout": value}, "changeable": changeable}
