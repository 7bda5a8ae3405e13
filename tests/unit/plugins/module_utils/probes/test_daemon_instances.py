# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daemons beside the one that is looked after are told by the unit that they run in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import daemon_instances
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

SSHD = {"program": "sshd", "units": ["ssh.service"], "title": r"\[listener\]"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(root=str(tmp_path))


def process(host: Host, pid: int, name: str, line: str, group: str) -> None:
    """A process as /proc has it."""
    folder = Path(host.at(f"/proc/{pid}"))
    folder.mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n")
    (folder / "cmdline").write_text(line.replace(" ", "\0"))
    (folder / "cgroup").write_text(group)


def others(host: Host, **parameters: Any) -> list[str]:
    found: list[str] = daemon_instances.observe(host, {**SSHD, **parameters}).value["others"]
    return found


V1 = "12:cpu:/\n1:name=systemd:/libpod_parent/libpod-1.scope/system.slice/{}\n0::/libpod\n"
V2 = "0::/system.slice/{}\n"
TITLE = "sshd: /usr/sbin/sshd -D [listener] 0 of 10-60 startups"


@pytest.mark.parametrize("group", [V1, V2])
def test_the_one_and_sessions_of_people_are_none_of_them(host: Host, group: str) -> None:
    process(host, 10, "sshd", TITLE, group.format("ssh.service"))
    process(host, 11, "sshd", "sshd: alice@pts/0", group.format("user.slice/user-1000.slice/session-3.scope"))
    process(host, 12, "squid", "squid -n two", group.format("squid2.service"))
    assert others(host) == []


@pytest.mark.parametrize("group", [V1, V2])
def test_another_unit_or_none(host: Host, group: str) -> None:
    process(host, 10, "sshd", TITLE, group.format("ssh.service"))
    process(host, 11, "sshd", TITLE, group.format("user.slice/user-0.slice/session-3.scope"))
    process(host, 12, "sshd", TITLE, group.format("system-ssh.slice/ssh@two.service"))
    process(host, 13, "sshd", TITLE, "0::/\n")
    found = others(host)
    assert [text.split(":")[0] for text in found] == ["no unit", "session-3.scope", "ssh@two.service"]
    assert others(host, units=["ssh.service", "ssh@*.service", "session-*.scope"]) == [f"no unit: {TITLE}"]


def test_every_process_counts_without_a_title(host: Host) -> None:
    process(host, 10, "squid", "/usr/sbin/squid -n two", V2.format("zz.service"))
    parameters = {"program": "squid", "units": ["squid.service"]}
    assert daemon_instances.observe(host, parameters).value == {"others": ["zz.service: /usr/sbin/squid -n two"]}


def test_a_process_that_ends_meanwhile(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    process(host, 10, "sshd", TITLE, V2.format("ssh.service"))
    os.unlink(host.at("/proc/10/cgroup"))
    os.unlink(host.at("/proc/10/cmdline"))
    assert others(host) == []
