# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How confined services are, from what systemd and the kernel of real hosts say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import service_confinement
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

CONFINED = """\
MainPID=70
CapabilityBoundingSet=cap_setgid cap_setuid
ProtectSystem=strict
NoNewPrivileges=yes
SystemCallFilter=_llseek accept
RestrictAddressFamilies=AF_UNIX
Id=one.service
LoadState=loaded
"""
OPEN = """\
MainPID=71
CapabilityBoundingSet=cap_setgid cap_setuid cap_sys_admin
ProtectSystem=no
NoNewPrivileges=no
SystemCallFilter=~
RestrictAddressFamilies=~
Id=two.service
LoadState=loaded
"""
GONE = "MainPID=0\nId=three.service\nLoadState=not-found\n"
STATUS = "Name:\tx\nCapBnd:\t{bounding:016x}\nNoNewPrivs:\t{privileges}\nSeccomp:\t{filter}\n"
NEEDS = {"capabilities": ["CAP_SETGID", "CAP_SETUID"]}


class FakeHost(Host):
    """Answers systemctl show with the blocks of several units."""

    def __init__(self, root: Path, *blocks: str, rc: int = 0) -> None:
        super().__init__(str(root))
        self.answer = Completed(rc, "\n".join(blocks), "no bus")

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        assert argv[:2] == ("systemctl", "show")
        return self.answer


def process(root: Path, pid: int, *, bounding: int, privileges: int, filtered: int) -> None:
    """A process as /proc shows it."""
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True)
    (folder / "status").write_text(STATUS.format(bounding=bounding, privileges=privileges, filter=filtered))


def observe(host: Host, *names: str) -> dict[str, list[str]]:
    """What the probe says of units that all have the same needs."""
    value: dict[str, list[str]] = service_confinement.observe(host, {"units": dict.fromkeys(names, NEEDS)}).value
    return value


def test_a_confined_service_has_nothing_to_name(tmp_path: Path) -> None:
    process(tmp_path, 70, bounding=0b11000000, privileges=1, filtered=2)
    seen = observe(FakeHost(tmp_path, CONFINED), "one.service")
    assert seen == {"units": ["one.service"], "settings": [], "processes": []}


def test_everything_that_is_open_is_named(tmp_path: Path) -> None:
    process(tmp_path, 71, bounding=(1 << 41) - 1, privileges=0, filtered=0)
    seen = observe(FakeHost(tmp_path, OPEN), "two.service")
    assert seen["settings"] == [
        "two.service: CAP_SYS_ADMIN",
        "two.service: every family of sockets",
        "two.service: every system call",
        "two.service: new privileges",
        "two.service: writing to the file system",
    ]
    assert {"two.service: new privileges", "two.service: every system call"} <= set(seen["processes"])
    assert {"two.service: CAP_SYS_ADMIN", "two.service: CAP_BPF"} <= set(seen["processes"])
    assert "two.service: CAP_SETUID" not in seen["processes"]


def test_a_process_that_was_started_before_the_settings_is_seen(tmp_path: Path) -> None:
    """systemd would confine it by now; the kernel says that it does not yet."""
    process(tmp_path, 70, bounding=0b11000000, privileges=0, filtered=2)
    seen = observe(FakeHost(tmp_path, CONFINED), "one.service")
    assert (seen["settings"], seen["processes"]) == ([], ["one.service: new privileges"])


def test_units_that_are_not_there_are_passed_over_and_missed_by_name(tmp_path: Path) -> None:
    process(tmp_path, 70, bounding=0b11000000, privileges=1, filtered=2)
    seen = observe(FakeHost(tmp_path, CONFINED, GONE), "one.service", "three.service")
    assert seen == {"units": ["one.service"], "settings": [], "processes": []}


def test_a_process_that_has_just_ended_is_no_finding(tmp_path: Path) -> None:
    assert observe(FakeHost(tmp_path, CONFINED), "one.service")["processes"] == []


def test_without_systemd_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotObservable, match="no bus"):
        observe(FakeHost(tmp_path, rc=1), "one.service")
