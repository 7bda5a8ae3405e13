# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible comes in by an ordinary account that only the ssh configuration names: it is known, and never locked out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.administrator import ACCOUNT, Administrator
from tests.support.lab import REPOSITORY

from .conftest import RIGHT, People

HERE = Path(__file__).parent
CONVERGE = REPOSITORY / "molecule" / "login_delay" / "converge.yml"


@pytest.fixture(scope="module")
def administrator(people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    """The account, for as long as the tests of this file take."""
    one = Administrator(people.lab, people.name, tmp_path_factory.mktemp("administrator"))
    one.arrive()
    yield one
    one.leave()


@pytest.fixture(scope="module")
def answers(administrator: Administrator) -> dict[str, dict[str, Any]]:
    """What the host says of each way in."""
    file = administrator.folder / "answers.json"
    container = f"ringfence-{administrator.lab.name}-{administrator.name}"
    told = {"answers": str(file), "engine_name": container, "root_password": RIGHT}
    done = administrator.playbook(HERE / "came_in.yml", **told)
    assert done.rc == 0, done.stdout + done.stderr
    found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
@pytest.mark.parametrize(
    ("how", "way"),
    [
        ("plain", ["ssh"]),
        ("by_sudo", ["ssh", "sudo"]),
        ("copied", ["ssh", "sudo"]),
        ("on_terminal", ["ssh", "sudo"]),
        ("by_su", ["ssh", "su"]),
    ],
)
def test_the_host_knows_the_account_and_the_way(
    answers: dict[str, dict[str, Any]], people: People, how: str, way: list[str]
) -> None:
    """No variable of the play names the account."""
    seen = answers[how]
    assert (seen["account"], seen["way"], seen["server_port"]) == (ACCOUNT, way, 22), seen
    assert seen["address"] == answers["plain"]["address"]
    assert people.lab.run(people.name, "echo ${SSH_CONNECTION%% *}").stdout.strip() == seen["address"]
    # su asks for its password on a terminal only.
    assert seen["tty"] is (how in ("on_terminal", "by_su"))
    assert (seen["shell"], seen["groups"], seen["locked"]) == ("/bin/bash", [ACCOUNT], False)


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_another_account_sees_the_way_but_not_the_address(answers: dict[str, dict[str, Any]]) -> None:
    """The environment of the session is its owner's and root's to read."""
    seen = answers["somebody_else"]
    assert (seen["account"], seen["way"], seen["address"]) == (ACCOUNT, ["ssh", "sudo"], ""), seen


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_a_container_engine_comes_in_without_an_account(answers: dict[str, dict[str, Any]]) -> None:
    seen = answers["container"]
    assert (seen["account"], seen["way"], seen["address"], seen["server_port"]) == ("root", ["container"], "", None)


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_wrong_become_passwords_never_lock_an_account_on_record(administrator: Administrator, people: People) -> None:
    """Four runs with a mistyped password, of which three lock anybody else: the next one works."""
    done = administrator.playbook(HERE / "wrong_become.yml")
    assert done.rc == 0, done.stdout
    assert done.stdout.count("...ignoring") == 4 or "ignored=1" in done.stdout, done.stdout
    assert people.run(f"faillock --user {ACCOUNT} | grep -c ' V$'").strip() != "0"


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_without_a_record_the_run_says_what_would_lock_it_and_refuses_what_does(
    administrator: Administrator, people: People
) -> None:
    """Nothing is changed by the refusal, and neither is it in check mode."""
    nobody = {"ringfence_administration_accounts": []}
    people.run(f"faillock --user {ACCOUNT} --reset")
    warned = administrator.playbook(CONVERGE, "--check", **nobody)
    assert warned.rc == 0, warned.stdout
    said = " ".join((warned.stdout + warned.stderr).split())
    assert f"3 wrong become passwords lock {ACCOUNT} for 30 minutes" in said, said
    people.jobs(*[people.su(ACCOUNT, "wrong")] * 3)
    for words in ([], ["--check"]):
        refused = administrator.playbook(CONVERGE, *words, **nobody)
        said = " ".join(refused.stdout.split())
        assert refused.rc == 2, said
        assert f"{people.name}: nothing was changed. This run came in as {ACCOUNT} (ssh, then sudo" in said, said
        assert f"faillock --user {ACCOUNT} --reset" in said, said
        assert "changed=0" in said, said
    people.run(f"faillock --user {ACCOUNT} --reset")


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.source_bans")
def test_bans_that_leave_a_port_of_sshd_open_are_refused(administrator: Administrator, people: People) -> None:
    """A second port, taken by a drop-in: the ban closes it too, and a list without it is refused."""
    drop_in = "/etc/ssh/sshd_config.d/99-rf-port.conf"
    try:
        people.run(f"printf 'Port 22\\nPort 2222\\n' > {drop_in} && systemctl restart ssh")
        refused = administrator.playbook(CONVERGE, login_delay_ban_ports=["22"])
        said = " ".join(refused.stdout.split())
        assert refused.rc == 2, said
        reason = "sshd listens on 22, 2222 and login_delay_ban_ports has 22 only: a ban would leave 2222 open"
        assert reason in said, said
        assert "changed=0" in said, said
        done = administrator.playbook(CONVERGE)
        assert done.rc == 0, done.stdout
        assert people.run("fail2ban-client get sshd action nftables port").strip() == "22,2222"
    finally:
        people.run(f"rm -f {drop_in} && systemctl restart ssh")
        done = administrator.playbook(CONVERGE)
        assert done.rc == 0, done.stdout
    assert people.run("fail2ban-client get sshd action nftables port").strip() == "22"
