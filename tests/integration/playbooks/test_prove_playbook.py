# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that breaks hosts refuses every host that is not named and marked, before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HOSTS = """\
all:
  vars: {ansible_connection: local, ansible_python_interpreter: /usr/bin/python3, ansible_become: false}
  hosts: {ws-1: {}, ws-2: {}, gw-1: {}}
"""
REFUSED = "The negative control was refused, and nothing was touched:"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An inventory whose hosts are all this machine, which is no host of a lab."""
    if Path("/etc/ringfence-lab").exists():
        pytest.skip("this machine carries the mark of a lab")
    (tmp_path / "hosts.yml").write_text(HOSTS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], ["prove_hosts: no host is named"]),
        (["-e", "prove_hosts="], ["prove_hosts: no host is named"]),
        (["-e", "prove_hosts=all"], ["'all' is no host of the inventory"]),
        (["-e", "prove_hosts=ws-1,ws-11"], ["'ws-11' is no host of the inventory"]),
        (["-e", "prove_hosts=all", "-l", "ws-1"], ["'all' is no host", "ws-1: is in this play and not named"]),
        (["-e", "prove_hosts=ws-1,ws-2", "-l", "ws-1"], ["ws-2 is not among the hosts that this run was limited to"]),
        (
            ["-e", "prove_hosts=ws-1,gw-1"],
            [f"{name}: has no mark /etc/ringfence-lab, so it is no host of a lab" for name in ("ws-1", "gw-1")],
        ),
        (["-e", "prove_hosts=ws-1", "-e", '{"prove_cases": ["firewall-nothing"]}'], ["no role 'firewall-nothing'"]),
        (["-e", "prove_hosts=ws-1", "--check"], ["in check mode nothing can be broken"]),
    ],
    ids=[
        "nobody named",
        "an empty name",
        "a pattern",
        "a misspelt name",
        "a pattern with a limit",
        "not in the play",
        "no mark",
        "no such case",
        "check mode",
    ],
)
def test_what_is_refused(playbook: Any, site: Path, arguments: list[str], told: list[str]) -> None:
    """With one error that names the host and what is missing; no evidence folder is begun, no command was run."""
    done = playbook("prove", site, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert REFUSED in said
    for text in told:
        assert text in said
    for later in ("Observe the hosts before", "Break one control each", "Converge the roles"):
        assert later not in said
    assert "changed=0" in said
    assert not (site / "evidence").exists()
