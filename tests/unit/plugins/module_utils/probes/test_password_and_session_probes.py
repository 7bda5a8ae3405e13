# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of password quality, of exemptions from the lock, of the running sshd and of what ends idle sessions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    bash_timeout,
    dconf_effective,
    logind_settings,
    pam_exemptions,
    pwquality_effective,
    sshd_listener,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Completed,
    Host,
    NotApplicable,
    NotObservable,
)

PASSWORD = """\
password requisite pam_pwquality.so retry=3
password [success=ignore default=1] pam_succeed_if.so quiet user ingroup sudo
password requisite pam_pwquality.so use_authtok minlen=15
password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt
password requisite pam_deny.so
"""
AUTH = """\
auth [success=1 default=ignore] pam_succeed_if.so quiet user in breakglass:other
auth required pam_faillock.so preauth conf=/c
auth [success=2 default=ignore] pam_unix.so nullok
auth [default=ignore] pam_faillock.so authfail conf=/c
auth requisite pam_deny.so
auth required pam_permit.so
"""


class FakeHost(Host):
    """Files below a folder; answers commands from a dict of their first words."""

    def __init__(self, root: Path, answers: dict[str, str] | None = None) -> None:
        super().__init__(root=str(root))
        self.answers = answers or {}

    def file(self, path: str, text: str) -> FakeHost:
        place = Path(self.root) / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return self

    def has(self, command: str) -> bool:
        return any(key.split()[0] == command for key in self.answers)

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        found = [text for key, text in self.answers.items() if key in " ".join(argv)]
        return Completed(0 if found else 1, found[0] if found else "", "" if found else "no answer")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path).file("/etc/pam.d/passwd", PASSWORD).file("/etc/pam.d/su", AUTH)


def test_the_main_file_of_pwquality_overrules_its_folder_and_arguments_overrule_both(host: FakeHost) -> None:
    host.file("/etc/security/pwquality.conf.d/a.conf", "minlen = 30\nmaxrepeat=2\nlocal_users_only\n")
    host.file("/etc/security/pwquality.conf", "# minlen = 4\nminlen = 12 # twelve\nretry = 9\nbadwords = acme globex\n")
    seen = pwquality_effective.observe(host, {}).value
    assert (seen["minlen"], seen["maxrepeat"], seen["retry"], seen["dcredit"]) == (12, 2, 3, 0)
    assert (seen["local_users_only"], seen["enforce_for_root"], seen["asked"]) == (True, False, True)
    assert seen["badwords"] == ["acme", "globex"]
    assert seen["levels"] == {"sudo": 15}


@pytest.mark.parametrize(
    "change",
    [
        ("default=1] pam_succeed", "default=2] pam_succeed"),
        ("requisite pam_pwquality.so use", "optional pam_pwquality.so use"),
    ],
)
def test_a_level_that_is_skipped_or_does_not_refuse_is_none(host: FakeHost, change: tuple[str, str]) -> None:
    host.file("/etc/pam.d/passwd", PASSWORD.replace(*change))
    assert pwquality_effective.observe(host, {}).value["levels"] == {}


def test_without_a_stack_nothing_is_observed(tmp_path: Path) -> None:
    with pytest.raises(NotObservable):
        pwquality_effective.observe(FakeHost(tmp_path), {})


def test_accounts_that_a_line_is_skipped_for_are_named(host: FakeHost) -> None:
    seen = pam_exemptions.observe(host, {"services": ["su"], "module": "pam_faillock"}).value
    assert seen == {"exempt": ["breakglass", "other"], "skipped_otherwise": []}


def test_a_jump_with_another_condition_is_told(host: FakeHost) -> None:
    host.file("/etc/pam.d/su", AUTH.replace("user in breakglass:other", "uid >= 1000"))
    seen = pam_exemptions.observe(host, {"services": ["su"], "module": "pam_faillock"}).value
    assert seen["exempt"] == []
    assert seen["skipped_otherwise"] == ["su: [success=1 default=ignore] pam_succeed_if.so quiet uid >= 1000"]


def test_a_user_condition_that_jumps_the_other_way_is_told(host: FakeHost) -> None:
    host.file("/etc/pam.d/su", AUTH.replace("[success=1 default=ignore] pam_succeed", "[default=1] pam_succeed"))
    assert pam_exemptions.observe(host, {"services": ["su"], "module": "pam_faillock"}).value["skipped_otherwise"]


def listener(host: FakeHost, title: str, loaded: int) -> dict[str, object]:
    host.answers = {
        "systemctl show": f"MainPID=77\nActiveState=active\nStateChangeTimestamp=@{loaded}\n",
        "sshd -T": "port 22\nmaxstartups 10:30:60\n",
    }
    host.file("/proc/77/cmdline", title + "\0\0").file("/etc/ssh/a.conf", "")
    os.utime(host.at("/etc/ssh/a.conf"), (5000, 5000))
    return sshd_listener.observe(host, {"paths": ["/etc/ssh/a.conf", "/etc/ssh/none.conf"]}).value


def test_the_daemon_shows_its_arguments_and_limits(host: FakeHost) -> None:
    seen = listener(host, "sshd: /usr/sbin/sshd -D -o MaxAuthTries=50 [listener] 3 of 10-100 startups", 4999)
    assert seen == {
        "options": ["-o", "MaxAuthTries=50"],
        "startups": "10-100",
        "startups_of_files": "10-60",
        "startups_as_files": False,
        "newer_files": ["/etc/ssh/a.conf"],
    }


def test_files_older_than_the_last_reload_are_taken(host: FakeHost) -> None:
    seen = listener(host, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-60 startups", 5000)
    assert (seen["options"], seen["newer_files"]) == ([], [])


def test_without_a_daemon_the_question_does_not_arise(host: FakeHost) -> None:
    host.answers = {"systemctl show": "MainPID=0\nActiveState=inactive\nStateChangeTimestamp=\n", "sshd -T": ""}
    with pytest.raises(NotApplicable):
        sshd_listener.observe(host, {"paths": []})
    host.answers = {}
    with pytest.raises(NotApplicable):
        sshd_listener.observe(host, {"paths": []})


def test_bash_tells_its_limit_and_whether_it_is_fixed(host: FakeHost) -> None:
    host.answers = {"bash --login -i": "motd\n=900=\n=fixed=\n", "bash -i": "=0=\n=loose=\n"}
    seen = bash_timeout.observe(host, {}).value
    assert seen == {"login": 900, "login_fixed": True, "interactive": 0, "interactive_fixed": False}


@pytest.mark.parametrize(("microseconds", "seconds"), [(900_000_000, 900.0), (2**64 - 1, 0.0)])
def test_logind_tells_when_it_ends_sessions(host: FakeHost, microseconds: int, seconds: float) -> None:
    host.answers = {"busctl": f"t {microseconds}\n"}
    assert logind_settings.observe(host, {}).value == {"stop_idle_seconds": seconds}


@pytest.mark.parametrize(
    ("files", "spoken", "seconds"),
    [
        ("[Login]\n#StopIdleSessionSec=1\n", "", 0.0),
        ("StopIdleSessionSec=15min\n", "      us: 900000000\n", 900.0),
        ("StopIdleSessionSec=15min\n\n# later\nStopIdleSessionSec = infinity\n", f"      us: {2**64 - 1}\n", 0.0),
        ("StopIdleSessionSec=15min\nStopIdleSessionSec=\n", "      us: 900000000\n", 0.0),
        ("StopIdleSessionSec=soon\n", "", 0.0),
    ],
)
def test_logind_would_work_by_the_last_of_its_files(host: FakeHost, files: str, spoken: str, seconds: float) -> None:
    host.answers = {"cat-config": files, "timespan": spoken}
    assert logind_settings.observe(host, {"view": "files"}).value == {"stop_idle_seconds": seconds}


def test_a_logind_that_says_nothing_is_not_observed(host: FakeHost) -> None:
    with pytest.raises(NotObservable):
        logind_settings.observe(host, {})


def test_settings_of_desktops_are_read_with_their_locks(host: FakeHost) -> None:
    host.answers = {"list-locks": "/a/b/x\n", "dump": "[a/b]\nx=uint32 900\ny=true\n\n[c]\nz=1\n"}
    seen = dconf_effective.observe(host, {"keys": ["/a/b/x", "/a/b/y", "/a/none"]}).value
    assert seen == {
        "values": {"/a/b/x": "uint32 900", "/a/b/y": "true", "/a/none": ""},
        "unlocked": ["/a/b/y", "/a/none"],
    }
