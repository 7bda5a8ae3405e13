# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real logins: wrong passwords take their time and lock the account, right ones do neither.

The attempts that do not depend on each other are made at the same time, once for all tests of a host.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.lab import REPOSITORY

from .conftest import CROWD, RIGHT, WRONG, Attempt, People, paused

#: util-linux' su sleeps this long by itself after a failure (FAIL_DELAY in login.defs, which Debian leaves unset).
SU_OWN = 1.0

#: More than the limits, so that the limit and not the test ends the tries.
MANY = 9


@pytest.fixture(scope="module")
def wrong(people: People, settings: dict[str, Any], attacker: tuple[str, ...]) -> dict[str, list[Attempt]]:
    """Wrong passwords at every door; two accounts get enough of them to be locked."""
    # One person a second at each door: checking passwords is work, and it is not the load that is to be measured.
    doors = (people.shell_change, people.console, people.su)
    crowd = [door(person, WRONG) | {"after": after} for door in doors for after, person in enumerate(CROWD)]
    locked = [people.su(person, WRONG) | {"after": len(CROWD) + 1} for person in ("rf-locked", "rf-exempt", "root")]
    ssh, (sudo, *others) = people.over_ssh_and_here(
        people.ssh("rf-ssh", WRONG, MANY, attacker[0]),
        people.sudo(WRONG, MANY),
        *crowd,
        *locked * settings["login_delay_attempts"],
    )
    many = len(CROWD)
    return {
        "ssh": [ssh],
        "sudo": [sudo],
        "chsh": others[:many],
        "login": others[many : 2 * many],
        "su": others[2 * many : 3 * many],
    }


@pytest.fixture(scope="module")
def right(people: People, wrong: dict[str, list[Attempt]]) -> dict[str, Attempt]:
    """The right passwords, after all the wrong ones."""
    ssh, local = people.over_ssh_and_here(
        people.ssh("rf-other", RIGHT),
        *[people.su(person, RIGHT) for person in ("rf-locked", "root", "rf-other", "rf-exempt")],
    )
    return {"ssh": ssh} | dict(zip(("locked", "root", "other", "exempt"), local))


@pytest.fixture(scope="module")
def banned(people: People, wrong: dict[str, list[Attempt]], attacker: tuple[str, ...]) -> str:
    """An address from which one more wrong password was tried than one connection takes."""
    assert people.banned() == [], "one connection is less than it takes"
    assert people.answers(attacker[0])
    people.jobs(people.ssh("rf-ssh", WRONG, 1, attacker[0]), on=people.lab.peer(people.name))
    assert people.awaits_ban(attacker[0])
    return attacker[0]


@pytest.fixture(scope="module")
def rebooted(banned: str, right: dict[str, Attempt], people: People) -> None:
    """The host has been booted anew, after locks and bans."""
    people.lab.restart(people.name)


def entered(attempt: Attempt) -> bool:
    """Whether the command behind the password was run."""
    return attempt.rc == 0 and "ENTERED" in attempt.output


@pytest.mark.proof("login-delay.ssh")
@pytest.mark.control("login_delay.pause_after_failure")
@pytest.mark.parametrize("service", ["chsh", "ssh"])
def test_each_wrong_password_brings_the_pause(
    wrong: dict[str, list[Attempt]], settings: dict[str, Any], release: str, service: str
) -> None:
    """sshd stretches every failure to up to twice its length by itself, so it is chsh that shows whose pause it is."""
    assert paused(wrong[service], settings["login_delay_seconds"], release), wrong[service]


@pytest.mark.proof("login-delay.su", "login-delay.sudo")
@pytest.mark.control("login_delay.service_pauses")
@pytest.mark.parametrize("service", ["login", "su", "sudo"])
def test_a_service_has_its_own_longer_pause(
    wrong: dict[str, list[Attempt]], settings: dict[str, Any], release: str, service: str
) -> None:
    own = SU_OWN if service == "su" else 0.0
    assert paused(wrong[service], settings["login_delay_services"][service], release, own=own), wrong[service]


@pytest.mark.claim("login-delay")
@pytest.mark.control("login_delay.pause_after_failure")
def test_a_right_password_does_not_wait(wrong: dict[str, list[Attempt]], right: dict[str, Attempt]) -> None:
    assert entered(right["other"]), right["other"]
    assert right["other"].pauses[0]["seconds"] < min(one.pauses[0]["seconds"] for one in wrong["su"]) / 2


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.ssh_limits")
def test_ssh_hangs_up_after_its_tries(
    wrong: dict[str, list[Attempt]], settings: dict[str, Any], people: People
) -> None:
    assert len(wrong["ssh"][0].pauses) == settings["login_delay_ssh_tries"], wrong["ssh"][0].output


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.sudo_tries")
def test_sudo_gives_up_after_its_tries(wrong: dict[str, list[Attempt]], settings: dict[str, Any]) -> None:
    assert len(wrong["sudo"][0].pauses) == settings["login_delay_sudo_tries"], wrong["sudo"][0].output


@pytest.mark.proof("bad-logons-blocked.account-locked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_the_right_password_is_refused_once_locked(right: dict[str, Attempt]) -> None:
    assert right["locked"].pauses, "it asks for the password as ever: a lock is not told"
    assert not entered(right["locked"]), right["locked"]


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_others_still_log_in(right: dict[str, Attempt]) -> None:
    assert entered(right["other"]), right["other"]
    assert entered(right["ssh"]), right["ssh"]


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_an_account_with_an_exception_on_record_is_not_locked(right: dict[str, Attempt], people: People) -> None:
    """Its wrong passwords are counted all the same."""
    assert entered(right["exempt"]), right["exempt"]
    assert people.run("faillock --user rf-exempt").count(" V") >= 3


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_exceptions")
def test_an_exception_without_an_owner_or_out_of_date_is_refused(right: dict[str, Attempt], people: People) -> None:
    del right
    record = {"name": "rf-other", "reason": "Never", "owner": " ", "expires": "2020-01-31"}
    variables = ["-e", json.dumps({"login_delay_exempt_accounts": [record]}), "--limit", people.name]
    playbook = str(REPOSITORY / "molecule/login_delay/converge.yml")
    done = people.lab.playbook(playbook, *variables, inventory=people.lab.inventory)
    assert done.rc != 0
    for words in ("login_delay_exempt_accounts[rf-other] has no reason or no owner", "expired on 2020-01-31"):
        assert words in done.stdout, done.stdout
    assert "rf-other" not in people.run("cat /etc/pam.d/common-auth")


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.ssh_limits")
def test_sshd_refuses_an_address_for_a_while_after_failures(
    wrong: dict[str, list[Attempt]], people: People, attacker: tuple[str, ...], release: str
) -> None:
    """Four wrong passwords at once, fewer than fail2ban bans for. OpenSSH of Debian 12 has no such penalties.

    Penalties count while they last, some seconds each: on a busy machine four failures may be too far apart, so that
    others are made from a fresh address.
    """
    del wrong
    peer, refused = people.lab.peer(people.name), []
    for source in attacker[2:]:
        assert people.greeted(source)
        people.jobs(*[people.ssh("rf-ssh", WRONG, 1, source)] * 4, on=peer)
        refused.append(not people.greeted(source))
        assert source not in people.banned()
        if any(refused):
            break
    assert any(refused) == (release != "debian12"), refused
    assert people.greeted(people.lab.address(peer))


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.root_lock")
def test_root_is_locked_but_not_its_ssh_key(right: dict[str, Attempt], people: People) -> None:
    assert right["root"].pauses, right["root"]
    assert not entered(right["root"]), right["root"]
    assert people.lab.run(people.name, "id -u").stdout == "0\n"
    people.run(people.forget("root"))
    assert entered(people.jobs(people.su("root", RIGHT))[0])


@pytest.mark.proof("bad-logons-blocked.source-banned", "bad-logons-blocked.others-connect")
@pytest.mark.control("login_delay.source_bans")
def test_an_address_that_keeps_failing_is_refused_and_others_are_not(banned: str, people: People) -> None:
    assert not people.answers(banned)
    assert people.answers(people.lab.address(people.lab.peer(people.name)))
    attempt = people.jobs(people.ssh("rf-other", RIGHT), on=people.lab.peer(people.name))[0]
    assert entered(attempt), attempt


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.source_bans")
def test_a_ban_holds_for_ipv6_as_well(banned: str, people: People, attacker: tuple[str, ...]) -> None:
    assert people.answers(attacker[1])
    people.run(f"fail2ban-client set sshd banip {attacker[1]}")
    assert not people.answers(attacker[1])
    assert people.answers(people.lab.address6(people.lab.peer(people.name)))


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.source_bans")
def test_where_ansible_comes_from_is_never_banned(banned: str, people: People, settings: dict[str, Any]) -> None:
    """Real failures, twice as many as it takes, and the peer's would have been punished by sshd itself as well."""
    for _turn in range(2 * settings["login_delay_ban_after"]):
        argv = [
            "ssh",
            "-F",
            str(people.lab.ssh_config),
            "-o",
            "ControlPath=none",
            "-l",
            "nobody-here",
            people.name,
            "id",
        ]
        assert subprocess.run(argv, capture_output=True, check=False).returncode == 255
    assert people.run("journalctl --grep 'Invalid user nobody-here' --output=cat | head -1")
    time.sleep(2)
    assert banned in people.banned()
    assert len(people.banned()) <= 2, people.banned()


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.source_bans")
def test_bans_and_the_firewall_role_leave_each_other_alone(banned: str, people: People) -> None:
    """The playbook loads the rules of the firewall, sees the ban, and takes the rules away."""
    playbook = str(Path(__file__).parent / "firewall.yml")
    variables = ["-e", f"banned={banned}", "--limit", people.name]
    done = people.lab.playbook(playbook, *variables, inventory=people.lab.inventory)
    assert done.rc == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert not people.answers(banned)
    assert people.answers(people.lab.address(people.lab.peer(people.name)))


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.source_bans")
def test_a_ban_outlives_a_reboot_and_an_administrator_ends_it(rebooted: None, banned: str, people: People) -> None:
    assert people.awaits_ban(banned)
    assert not people.answers(banned)
    people.run(f"fail2ban-client unban {banned}")
    assert people.answers(banned)


@pytest.mark.proof("bad-logons-blocked.lock-lasts")
@pytest.mark.control("login_delay.lock_after_failures")
def test_the_lock_outlives_a_reboot_and_ends_in_time(rebooted: None, people: People, settings: dict[str, Any]) -> None:
    """Time is moved by dating the wrong passwords back: first to just before the end, then to just after it."""
    lock = settings["login_delay_lock_minutes"] * 60
    people.run(age("rf-locked", lock - 60))
    assert not entered(people.jobs(people.su("rf-locked", RIGHT))[0])
    people.run(age("rf-locked", lock + 60))
    assert entered(people.jobs(people.su("rf-locked", RIGHT))[0])


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_an_administrator_unlocks_with_the_documented_command(wrong: dict[str, list[Attempt]], people: People) -> None:
    """rf-sudo was locked by its tries at sudo."""
    assert not entered(people.jobs(people.su("rf-sudo", RIGHT))[0])
    people.run(people.forget("rf-sudo"))
    assert entered(people.jobs(people.sudo(RIGHT))[0])


def age(person: str, seconds: int) -> str:
    """A shell line that dates the wrong passwords of a person so many seconds back (64 bytes each, the time at 56)."""
    code = "import struct,sys,time; p,s=sys.argv[1],int(sys.argv[2]); b=bytearray(open(p,'rb').read());"
    code += "[struct.pack_into('=Q',b,i+56,int(time.time())-s) for i in range(0,len(b),64)];"
    code += "open(p,'wb').write(b)"
    return f'python3 -c "{code}" /run/faillock/{person} {seconds}'
