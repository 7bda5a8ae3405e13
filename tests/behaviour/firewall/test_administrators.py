# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may change the rules: real people on the host, and what the log says about them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

ORDINARY = ("call-operator", "supervisor", "sysadmin")
ADMIN = "netops"
PASSWORD = "Correct-horse-7-battery"
RULE = "nft insert rule inet ringfence input tcp dport 4444 accept"
ATTEMPTS = (
    RULE,
    f"sudo -S -k {RULE}",
    "sudo -S -k nft flush ruleset",
    "sudo -S -k systemctl reload ringfence-firewall.service",
    "systemctl --no-ask-password stop ringfence-firewall.service",
    "cat /etc/ringfence/firewall/ruleset.nft",
    "sh -c 'echo > /etc/ringfence/firewall/ruleset.nft'",
    "sh -c 'mv /etc/ringfence/firewall /etc/ringfence/other'",
    "sh -c 'echo > /etc/sudoers.d/ringfence-firewall'",
    "gpasswd --add supervisor netadmin",
)


@pytest.fixture(scope="module")
def people(lab: Lab, name: str) -> Iterator[Lab]:
    """An operator, a supervisor, a sysadmin with sudo rights for something else, and a network administrator."""
    create = [f"useradd --create-home {person}" for person in (*ORDINARY, ADMIN)]
    create += [
        f"gpasswd --add {ADMIN} netadmin",
        *(f"echo {person}:{PASSWORD} | chpasswd" for person in (*ORDINARY, ADMIN)),
        "echo 'sysadmin ALL=(root) NOPASSWD: /usr/bin/systemctl restart ssh.service' > /etc/sudoers.d/zz-behaviour",
        "chmod 0440 /etc/sudoers.d/zz-behaviour",
    ]
    remove = ["rm -f /etc/sudoers.d/zz-behaviour", *(f"userdel --remove {person}" for person in (*ORDINARY, ADMIN))]
    try:
        done = lab.run(name, " && ".join(create))
        assert done.rc == 0, done.stderr
        yield lab
    finally:
        lab.run(name, "; ".join(remove))


def as_person(lab: Lab, name: str, person: str, command: str, stdin: str = "") -> Completed:
    """Run a command in the login session of a person."""
    return lab.run(name, f"runuser -u {person} -- {command}", stdin=stdin)


def rules(lab: Lab, name: str) -> str:
    """The running table with handles, without counts."""
    return lab.run(name, "nft --stateless --handle list table inet ringfence").stdout


@pytest.mark.proof("firewall-admins-only.others-refused")
@pytest.mark.control("firewall.changes_restricted")
@pytest.mark.parametrize("person", ORDINARY)
def test_ordinary_people_are_refused(people: Lab, name: str, person: str) -> None:
    """Every way to the rules fails, and the rules are as they were; a sysadmin's other rights do not help."""
    before = rules(people, name)
    assert before
    for attempt in ATTEMPTS:
        # With the person's own password: what refuses is the missing right, not the missing password.
        done = as_person(people, name, person, attempt, stdin=PASSWORD + "\n")
        assert done.rc != 0, attempt
        if attempt.startswith("sudo"):
            assert f"{person} is not" in done.stderr or f"user {person} is not allowed" in done.stderr, done.stderr
    assert rules(people, name) == before


@pytest.mark.proof("firewall-admins-only.person-logged")
@pytest.mark.control("firewall.changes_logged")
def test_a_refusal_is_logged_with_the_name(people: Lab, name: str) -> None:
    """Who tried what is in the journal."""
    as_person(people, name, "call-operator", "sudo -S -k nft flush ruleset", stdin=PASSWORD + "\n")
    log = people.run(name, "journalctl --no-pager --identifier=sudo --since=-2min").stdout
    assert any("call-operator :" in line and "nft flush ruleset" in line for line in log.splitlines()), log


@pytest.mark.proof("firewall-admins-only.admin-succeeds", "firewall-admins-only.person-logged")
@pytest.mark.control("firewall.changes_restricted")
@pytest.mark.control("firewall.changes_logged")
def test_a_network_administrator_changes_rules_and_is_named(people: Lab, name: str) -> None:
    """Through sudo with their own password; journal and log file name them, and a reload restores what is declared."""
    before = rules(people, name)
    assert as_person(people, name, ADMIN, f"sudo -n {RULE}").rc != 0, "no password was asked for"
    done = as_person(people, name, ADMIN, f"sudo -S -k {RULE}", stdin=PASSWORD + "\n")
    assert done.rc == 0, done.stderr
    assert "4444" in rules(people, name)
    for source in ("journalctl --no-pager --identifier=sudo --since=-2min", "cat /var/log/ringfence-firewall-sudo.log"):
        log = people.run(name, source).stdout
        assert any(f"{ADMIN} :" in line and "dport 4444" in line for line in log.splitlines()), log
    reload = "sudo -S -k systemctl reload ringfence-firewall.service"
    assert as_person(people, name, ADMIN, reload, stdin=PASSWORD + "\n").rc == 0
    after = rules(people, name)
    assert "4444" not in after
    assert before.count("accept") == after.count("accept")


@pytest.mark.claim("firewall-admins-only")
@pytest.mark.control("firewall.changes_restricted")
@pytest.mark.parametrize(
    "arguments",
    ["-f /etc/shadow", "--file /etc/shadow", "-a -f /etc/shadow", "-i", "'add table inet x ; include \"/etc/shadow\"'"],
)
def test_a_network_administrator_does_not_become_root(people: Lab, name: str, arguments: str) -> None:
    """nft reads files as root and shows them in its errors: these forms are not part of the right."""
    command = f"sudo -S -k nft {arguments}"
    done = people.run(name, f"runuser -u {ADMIN} -- sh -c {shlex.quote(command)}", stdin=PASSWORD + "\n")
    assert done.rc != 0
    assert "root:" not in done.stdout + done.stderr
    assert "not allowed" in done.stderr
