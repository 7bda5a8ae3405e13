# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line of sshd's files decides: files that are not included, files that sort before ours, Match blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _sshd_config, sshd_effective
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._sshd_ports import TEST
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host
from ansible_collections.ringfence.callcenter.plugins.modules.sshd_reload import SshdSettings

INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n"
OURS = "/etc/ssh/sshd_config.d/10-ours.conf"
SETTINGS: dict[str, Any] = {"maxauthtries": {"min": 1, "max": 3}, "usepam": "yes"}
DEFAULTS = {"maxauthtries": "6", "usepam": "no", "maxstartups": "10:30:100", "port": "22", "logingracetime": "120"}


class Sshd(Host):
    """A host whose sshd takes the first of several lines, and knows no more than the keywords of DEFAULTS."""

    def __init__(self, folder: Path, **files: str) -> None:
        super().__init__(root=str(folder))
        for name, text in files.items():
            path = "sshd_config" if name == "main" else f"sshd_config.d/{name[1:].replace('_', '-')}.conf"
            place = folder / "etc" / "ssh" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    def has(self, command: str) -> bool:
        return command == "sshd"

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        if "-t" in argv:
            bad = "Bad configuration option: x" if argv[-1] != "channeltimeout=?" else "invalid"
            return Completed(255, "", f"command-line line 0: {bad}")
        text = stdin
        if argv == TEST:
            text = "".join(f"{line.text}\n" for line in _sshd_config.Files(self).lines if not line.block)
        seen: dict[str, str] = {}
        for line in text.splitlines():
            key, _space, value = line.replace("=", " ").partition(" ")
            if key.lower() not in DEFAULTS:
                return Completed(255, "", f"Bad configuration option: {key}")
            seen.setdefault(key.lower(), value)
        return Completed(0, "".join(f"{key} {value}\n" for key, value in {**DEFAULTS, **seen}.items()), "")


def in_vain(host: Host, pending: str = "UsePAM yes\nMaxAuthTries 3\n") -> list[str]:
    return SshdSettings(host, SETTINGS, {OURS: pending}).without_effect()


def test_a_drop_in_that_is_read_first_has_effect(tmp_path: Path) -> None:
    assert in_vain(Sshd(tmp_path, main=INCLUDE + "UsePAM no\nMaxAuthTries 9\n", _50_later="MaxAuthTries 9\n")) == []


def test_without_an_include_nothing_is_read(tmp_path: Path) -> None:
    assert in_vain(Sshd(tmp_path, main="# Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n")) == [
        "maxauthtries is 6, expected at least 1 and at most 3: no file that sshd reads sets it",
        "usepam is no, expected yes: no file that sshd reads sets it",
    ]


def test_the_line_that_is_read_before_is_named(tmp_path: Path) -> None:
    before = "MaxAuthTries is 9, expected at least 1 and at most 3"
    host = Sshd(tmp_path / "a", main=INCLUDE, _00_first="# ours\nMaxAuthTries 9\n")
    assert in_vain(host) == [f"{before}: /etc/ssh/sshd_config.d/00-first.conf:2 decides it (MaxAuthTries 9)"]
    host = Sshd(tmp_path / "b", main="MaxAuthTries=9\n" + INCLUDE)
    assert in_vain(host) == [f"{before}: /etc/ssh/sshd_config:1 decides it (MaxAuthTries=9)"]


def test_a_stricter_line_does_no_harm(tmp_path: Path) -> None:
    assert in_vain(Sshd(tmp_path, main="MaxAuthTries 2\n" + INCLUDE)) == []


@pytest.mark.parametrize("criteria", ["User backup,!root", "Address 192.0.2.0/24 LocalPort 2222", "all", "Group *"])
def test_a_match_block_that_loosens_is_named_whoever_it_is_for(tmp_path: Path, criteria: str) -> None:
    text = f"{INCLUDE}Match {criteria}\n\tMaxAuthTries 50\nMatch User x\n  LoginGraceTime 9\n"
    assert in_vain(Sshd(tmp_path, main=text)) == [
        f"/etc/ssh/sshd_config:3 (MaxAuthTries 50) overrides it for Match {criteria} (/etc/ssh/sshd_config:2), "
        "expected at least 1 and at most 3"
    ]


def test_a_match_block_that_is_stricter_or_about_something_else_does_no_harm(tmp_path: Path) -> None:
    assert in_vain(Sshd(tmp_path, main=INCLUDE + "Match User x\nMaxAuthTries 1\nMatch User y\nPort 9\n")) == []


def test_a_match_block_of_an_included_file_ends_with_it(tmp_path: Path) -> None:
    host = Sshd(tmp_path, main="Include sshd_config.d/*.conf\n", _05_match="Match User x\nLoginGraceTime 9\n")
    assert in_vain(host) == []


def test_an_include_inside_a_match_block_is_conditional(tmp_path: Path) -> None:
    host = Sshd(tmp_path, main="Match User x\n" + INCLUDE)
    assert in_vain(host)[0] == (
        f"MaxAuthTries is 6, expected at least 1 and at most 3: {OURS}:2 holds in a Match block only "
        "(/etc/ssh/sshd_config:1 User x)"
    )


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    assert in_vain(Sshd(tmp_path, main=INCLUDE + "Include /etc/ssh/sshd_config\n")) == []


def test_what_this_release_does_not_know_is_left_out(tmp_path: Path) -> None:
    host = Sshd(tmp_path, main=INCLUDE)
    settings = {**SETTINGS, "persourcepenalties_authfail": {"min": 5}}
    wanted = SshdSettings(
        host, settings, {OURS: "UsePAM yes\nMaxAuthTries 3\n", "/etc/ssh/x": "# ours\nPerSourcePenalties yes\n"}
    )
    assert (list(wanted.settings), list(wanted.pending), wanted.without_effect()) == (list(SETTINGS), [OURS], [])


def test_a_setting_that_is_not_shown_while_it_is_not_set_is_known(tmp_path: Path) -> None:
    """As ChannelTimeout of OpenSSH 9.2."""
    settings = {**SETTINGS, "channeltimeout_session:shell": {"max": 900}}
    assert list(SshdSettings(Sshd(tmp_path, main=INCLUDE), settings, {}).settings) == list(settings)


def test_nothing_is_read_anew_before_the_files_are_written(tmp_path: Path) -> None:
    text = "UsePAM yes\nMaxAuthTries 3\n"
    assert not SshdSettings(Sshd(tmp_path / "a", main=INCLUDE), SETTINGS, {OURS: text}).are_written
    assert SshdSettings(Sshd(tmp_path / "b", main=INCLUDE, _10_ours=text), SETTINGS, {OURS: text}).are_written


def test_the_audit_sees_values_the_lines_that_decide_and_match_blocks(tmp_path: Path) -> None:
    main = f"{INCLUDE}Match User x\nMaxAuthTries 50\n"
    host = Sshd(tmp_path, main=main, _10_ours="UsePAM yes\nMaxAuthTries 3\nMaxStartups 5:50:20\n")
    settings = {**SETTINGS, "maxstartups_full": {"max": 60}}
    seen = sshd_effective.observe(host, {"settings": settings, "keys": ["port"]})
    assert len(seen.value.pop("loosened")) == 1
    assert seen.value == {"maxauthtries": "3", "usepam": "yes", "maxstartups_full": "20", "port": "22"}
    assert seen.source == f"sshd -T, {OURS}:1, {OURS}:2, {OURS}:3"


def test_numbers_in_settings_of_several(tmp_path: Path) -> None:
    class Telling(Sshd):
        def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
            text = "maxstartups 5:30:60\npersourcepenalties authfail:5 max:600 overflow:permissive\n"
            return Completed(0, text + "channeltimeout x11=10 session:*=15m session:shell=1d\n", "")

    seen = _sshd_config.ask(Telling(tmp_path))
    assert {key: value for key, value in seen.items() if "_" in key} == {
        "maxstartups_start": "5",
        "maxstartups_rate": "30",
        "maxstartups_full": "60",
        "persourcepenalties_authfail": "5",
        "persourcepenalties_max": "600",
        "persourcepenalties_overflow": "permissive",
        "channeltimeout_x11": "10",
        "channeltimeout_session:*": "900",
        "channeltimeout_session:shell": "900",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", "90"), ("15m", "900"), ("1H30m", "5400"), ("1d", "86400"), ("soon", "soon"), ("", "0")],
)
def test_times_as_sshd_writes_them(text: str, expected: str) -> None:
    assert _sshd_config.seconds(text) == expected
