# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail of somebody else's that keeps fail2ban from starting is named before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab

CONVERGE = REPOSITORY / "molecule" / "login_delay" / "converge.yml"
JAIL = "/etc/fail2ban/jail.d/site-nginx.conf"
STATE = "find /etc -xdev -type f ! -path '/etc/.*' -exec sha256sum {} + | sort -k 2; systemctl is-enabled fail2ban"


def converge(lab: Lab, name: str, *args: str) -> Completed:
    """Run the role on one host."""
    return lab.playbook(str(CONVERGE), "--limit", name, *args, inventory=lab.inventory)


def said(done: Completed) -> str:
    """What a run said, on one line and without the marks of the output's format."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def broken(lab: Lab, name: str) -> Iterator[None]:
    """A jail for a web server that has no log file here; the role is not on the host."""
    assert converge(lab, name, "-e", "login_delay_state=absent").rc == 0
    lab.run(name, f"printf '[nginx-http-auth]\\nenabled = true\\n' > {JAIL}; rm -rf /var/log/nginx")
    yield
    lab.run(name, f"rm -rf {JAIL} /var/log/nginx")
    assert converge(lab, name).rc == 0


@pytest.mark.control("login_delay.source_bans")
@pytest.mark.parametrize("mode", [["--check"], []])
def test_a_jail_without_a_log_is_named_and_nothing_is_changed(
    lab: Lab, name: str, broken: None, mode: list[str]
) -> None:
    before = lab.run(name, STATE).stdout
    done = converge(lab, name, *mode)
    assert done.rc != 0
    assert "Have not found any log file for nginx-http-auth jail" in said(done)
    assert f"The jail nginx-http-auth is enabled in: {JAIL}. Give it a log file" in said(done)
    assert lab.run(name, STATE).stdout == before


@pytest.mark.control("login_delay.source_bans")
def test_a_jail_that_breaks_later_is_named_before_a_start(lab: Lab, name: str, broken: None) -> None:
    lab.run(name, "mkdir /var/log/nginx && touch /var/log/nginx/error.log")
    assert converge(lab, name).rc == 0
    lab.run(name, "rm -rf /var/log/nginx; systemctl stop fail2ban.service")
    done = converge(lab, name)
    assert done.rc != 0
    assert "fail2ban.service would not start. fail2ban-client -t says:" in said(done)
    assert "Have not found any log file for nginx-http-auth jail" in said(done)
