# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of login stacks that can let somebody in, whatever they ask, are named; those of known profiles are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _packaged, pam_openings
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

UNIX = """\
Name: Unix authentication
Auth-Type: Primary
Auth:
    [success=end default=ignore] pam_unix.so nullok try_first_pass
Auth-Initial:
    [success=end default=ignore] pam_unix.so nullok
Account:
    [success=end new_authtok_reqd=done default=ignore] pam_unix.so
"""
OURS = """\
Name: ours
Auth-Type: Additional
Auth:
    [success=ignore default=1] pam_succeed_if.so quiet service in slow
    required pam_faildelay.so delay=8000000
"""
AUTH = """\
auth [success=ignore default=1] pam_succeed_if.so quiet service in slow
auth required pam_faildelay.so delay=8000000
auth [success=1 default=ignore] pam_unix.so yescrypt
auth requisite   pam_deny.so
auth required   pam_permit.so
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host with the profile of a package, one of a role, and the stack that pam-auth-update makes of them."""
    made = Host(root=str(tmp_path))
    put(made, "/usr/share/pam-configs/unix", UNIX)
    put(made, "/usr/share/pam-configs/ours", OURS)
    index = json.dumps({"paths": {"/usr/share/pam-configs/ours": {}}})
    put(made, "/var/lib/ringfence/originals/login_delay/index.json", index)
    put(made, "/etc/pam.d/common-auth", AUTH)
    put(made, "/etc/pam.d/su", "auth sufficient pam_rootok.so\n@include common-auth\n")
    brought = {"/usr/share/pam-configs/unix", "/etc/pam.d/cron"}
    monkeypatch.setattr(_packaged, "delivered", lambda _host, paths: brought & set(paths))
    return made


def put(host: Host, path: str, text: str) -> None:
    place = Path(host.at(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def openings(host: Host, *types: str) -> list[str]:
    found: list[str] = pam_openings.observe(Host(root=host.root), {"types": list(types)}).value["openings"]
    return found


def test_what_profiles_make_is_known(host: Host) -> None:
    assert openings(host) == []


@pytest.mark.parametrize(
    "line",
    [
        "auth sufficient pam_exec.so quiet /bin/true",
        "auth [success=done default=ignore] pam_succeed_if.so uid >= 1000",
        "auth [default=2] pam_echo.so",
        "auth [success=reset default=ignore] pam_time.so",
        # As ours, and asks for something else.
        "auth [success=ignore default=1] pam_succeed_if.so quiet service in sshd",
        "-auth sufficient pam_of_others.so",
    ],
)
def test_whatever_the_module_is_called(host: Host, line: str) -> None:
    put(host, "/etc/pam.d/common-auth", f"{line}\n{AUTH}")
    assert openings(host) == [f"/etc/pam.d/common-auth: auth {line.split('auth ', 1)[1]}"]


@pytest.mark.parametrize(
    "line", ["auth required pam_env.so", "auth optional pam_cap.so", "auth requisite pam_nologin.so", "# auth x y"]
)
def test_what_lets_nobody_in(host: Host, line: str) -> None:
    put(host, "/etc/pam.d/common-auth", f"{line}\n{AUTH}")
    assert openings(host) == []


def test_each_type_and_each_file_that_no_package_brought_so(host: Host) -> None:
    line = "sufficient pam_permit.so"
    put(host, "/etc/pam.d/cron", f"auth {line}\n")
    put(host, "/etc/pam.d/shop", f"auth {line}\naccount {line}\npassword {line}\nsession {line}\n")
    assert openings(host) == [f"/etc/pam.d/shop: {kind} {line}" for kind in ("auth", "account")]
    assert openings(host, "password") == [f"/etc/pam.d/shop: password {line}"]


def test_a_profile_of_others_makes_nothing_known(host: Host) -> None:
    put(host, "/usr/share/pam-configs/theirs", "Name: x\nAuth:\n\tsufficient pam_theirs.so\n")
    put(host, "/etc/pam.d/common-auth", f"auth sufficient pam_theirs.so\n{AUTH}")
    assert openings(host) == ["/etc/pam.d/common-auth: auth sufficient pam_theirs.so"]
