# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the site goes on after a role that failed, and fails at its end with all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HOSTS = """\
all:
  vars: {ansible_connection: local, ansible_python_interpreter: /usr/bin/python3, ansible_become: false}
  children:
    kind_mail: {hosts: {mail-1: {}}}
"""
#: Refused before a role looks at the host, so that this machine is not looked at either.
WRONG = [f"{role}_state=wrong" for role in ("password_policy", "idle_sessions", "antivirus", "mail_antivirus")]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An inventory whose host is this machine."""
    (tmp_path / "hosts.yml").write_text(HOSTS, encoding="utf-8")
    return tmp_path


def test_every_role_that_failed_is_named_at_the_end(playbook: Any, site: Path) -> None:
    """The last message has each role with its reason, and the exit status is not 0."""
    extra = [word for one in WRONG for word in ("-e", one)]
    done = playbook("site", site, *extra, "--tags", "password_policy,idle_sessions,antivirus,mail_antivirus")
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2, said
    last = said.rpartition("mail-1 is not finished. Failed: ")[2]
    places = [last.index(f"{role} (") for role in ("password_policy", "idle_sessions", "antivirus", "mail_antivirus")]
    assert places == sorted(places)
    assert "value of password_policy_state must be one of" in last
    assert "firewall (" not in last
