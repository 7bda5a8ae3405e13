# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of the login delays: PAM stacks, key = value files, and what sshd and sudo say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    key_values,
    pam_stack,
    sshd_effective,
    sudo_effective,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Completed,
    Host,
    NotApplicable,
    NotObservable,
)

COMMON_AUTH = """\
# a comment
auth\toptional pam_faildelay.so delay=4000000
auth\t[success=ignore default=1] pam_succeed_if.so quiet service in su:su-l
auth\toptional pam_faildelay.so delay=6000000
auth\trequired pam_faillock.so preauth conf=/c
auth\t[success=2 default=ignore]\tpam_unix.so nullok try_first_pass
auth\t[default=ignore] pam_faillock.so authfail conf=/c
auth\trequisite\t\t\tpam_deny.so
auth\trequired\t\t\tpam_permit.so
auth\trequired pam_faillock.so authsucc conf=/c
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    folder = tmp_path / "etc/pam.d"
    folder.mkdir(parents=True)
    (folder / "common-auth").write_text(COMMON_AUTH)
    (folder / "sshd").write_text("@include common-auth\naccount required pam_nologin.so\n")
    (folder / "su").write_text("auth sufficient pam_rootok.so\n@include common-auth\n")
    (folder / "other").write_text("@include common-auth\n")
    return Host(root=str(tmp_path))


def write(host: Host, service: str, text: str) -> Host:
    (Path(host.root) / "etc/pam.d" / service).write_text(text)
    return Host(root=host.root)


def stack(host: Host, *services: str) -> dict[str, Any]:
    return pam_stack.observe(host, {"services": list(services)}).value


def test_pauses_follow_the_jumps_of_each_service(host: Host) -> None:
    seen = stack(host, "sshd", "su", "no-such-service")
    assert seen["pauses"] == {"sshd": 4.0, "su": 6.0, "no-such-service": 4.0}
    assert seen["shortest_pause_seconds"] == 4.0
    assert seen["wrong_password_enters"] == []
    assert seen["missing"] == []


def test_lines_that_run_with_a_wrong_and_with_a_right_password(host: Host) -> None:
    seen = stack(host, "sshd", "su")
    assert seen["always_on_wrong_password"][-2:] == [
        "[default=ignore] pam_faillock.so authfail conf=/c",
        "requisite pam_deny.so",
    ]
    assert "optional pam_faildelay.so delay=6000000" not in seen["always_on_wrong_password"]
    assert seen["always_on_right_password"][-1] == "required pam_faillock.so authsucc conf=/c"
    assert "[default=ignore] pam_faillock.so authfail conf=/c" not in seen["always_on_right_password"]
    assert seen["modules_always_on_right_password"][-1] == "required pam_faillock.so"


@pytest.mark.parametrize(
    ("text", "enters", "pause"),
    [
        ("auth sufficient pam_permit.so\nauth required pam_unix.so\n", True, 0.0),
        ("auth required pam_unix.so\n", False, 2.0),
        ("auth required pam_unix.so nodelay\n", False, 0.0),
        ("auth required pam_unix.so\nauth sufficient pam_permit.so\n", False, 2.0),
        ("auth requisite pam_deny.so\nauth required pam_faildelay.so delay=9000000\n", False, 0.0),
        ("auth substack inner\nauth optional pam_faildelay.so delay=3000000\n", False, 3.0),
        ("auth include inner\nauth optional pam_faildelay.so delay=3000000\n", False, 2.0),
        ("-auth optional pam_faildelay.so \\\n  delay=5000000\nauth required pam_unix.so\n", False, 5.0),
        ("auth [success=1 default=ignore] pam_unix.so\nauth required pam_permit.so\n", True, 2.0),
        ("auth [default=reset] pam_unix.so\nauth optional pam_permit.so\n", True, 2.0),
        ("auth [success=ok] pam_unix.so\n", False, 2.0),
        ("auth [default=1] pam_succeed_if.so user = root\nauth optional pam_permit.so\n", False, 0.0),
    ],
)
def test_walks_as_libpam_does(host: Host, text: str, enters: bool, pause: float) -> None:
    write(host, "inner", "auth requisite pam_unix.so\n")
    seen = stack(write(host, "x", text), "x")
    assert seen["wrong_password_enters"] == (["x"] if enters else [])
    assert seen["pauses"]["x"] == pause


@pytest.mark.parametrize(
    ("condition", "longer"),
    [
        ("service = x", True),
        ("service != x", False),
        ("service notin a:x", False),
        ("service in a:b", False),
        ("service in a:x user = bob", False),
        ("service", False),
    ],
)
def test_conditions_on_the_service(host: Host, condition: str, longer: bool) -> None:
    text = f"auth [success=ignore default=1] pam_succeed_if.so quiet {condition}\n"
    seen = stack(
        write(host, "x", f"{text}auth optional pam_faildelay.so delay=5000000\nauth required pam_deny.so\n"), "x"
    )
    assert seen["pauses"]["x"] == (5.0 if longer else 0.0)


def test_a_delay_without_a_number_is_that_of_login_defs(host: Host) -> None:
    (Path(host.root) / "etc/login.defs").write_text("# FAIL_DELAY 9\nFAIL_DELAY\t7\n")
    assert stack(write(host, "x", "auth optional pam_faildelay.so\n"), "x")["pauses"] == {"x": 7.0}


def test_includes_in_a_circle_end(host: Host) -> None:
    stack(write(host, "x", "@include x\nauth required pam_unix.so\n"), "x")


def test_no_stack_at_all_is_missing(tmp_path: Path) -> None:
    seen = stack(Host(root=str(tmp_path)), "sshd")
    assert seen["missing"] == ["sshd"]
    assert seen["shortest_pause_seconds"] == 0.0
    with pytest.raises(NotApplicable):
        stack(Host(root=str(tmp_path)))


def test_key_values(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("# c\n\n deny = 3\nflag\ndeny=4\nspaced 5\n")
    host = Host(root=str(tmp_path))
    seen = key_values.observe(host, {"path": "/x"})
    assert seen.value == {"exists": True, "deny": "4", "flag": True, "spaced 5": True}
    assert seen.source == "/x"
    assert key_values.observe(host, {"path": "/x", "keys": ["deny", "dir"]}).value == {
        "exists": True,
        "deny": "4",
        "dir": False,
    }
    assert key_values.observe(host, {"path": "/x", "separator": "space", "keys": ["spaced"]}).value["spaced"] == "5"
    assert key_values.observe(host, {"path": "/none"}).value == {"exists": False}


class Talking(Host):
    """A host whose commands say what a test wants."""

    def __init__(self, answer: Completed | None, commands: tuple[str, ...] = ("sshd", "sudo")) -> None:
        super().__init__()
        self.answer, self.commands = answer, commands

    def has(self, command: str) -> bool:
        return command in self.commands

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        assert needs_root, "an ordinary user is told less"
        assert not stdin
        if self.answer is None:
            raise NotObservable(f"{argv[0]} needs root")
        return self.answer


def test_sshd_says_what_it_reads() -> None:
    host = Talking(Completed(0, "maxauthtries 3\nPort 22\nport 2222\nusepam yes\n", ""))
    seen = sshd_effective.observe(host, {"keys": ["MaxAuthTries", "port", "persourcepenalties"]})
    assert seen.value == {"maxauthtries": "3", "port": "22 2222", "persourcepenalties": False}
    with pytest.raises(NotApplicable, match="no persourcepenalties"):
        sshd_effective.observe(host, {"keys": ["usepam"], "needs_key": "persourcepenalties"})


@pytest.mark.parametrize("probe", [sshd_effective, sudo_effective])
def test_what_cannot_be_asked_is_said(probe: Any) -> None:
    with pytest.raises(NotApplicable):
        probe.observe(Talking(None, ()), {"keys": []})
    with pytest.raises(NotObservable, match="needs root"):
        probe.observe(Talking(None), {"keys": []})
    with pytest.raises(NotObservable, match="broken"):
        probe.observe(Talking(Completed(255, "", "broken")), {"keys": []})


def test_sudo_says_what_it_reads() -> None:
    text = "Sudo version 1.9\nNumber of tries to enter a password: 3\n"
    assert sudo_effective.observe(Talking(Completed(0, text, "")), {}).value == {"passwd_tries": 3}
