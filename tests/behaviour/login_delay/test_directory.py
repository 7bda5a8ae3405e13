# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real logins of people whom only a directory knows: slapd on another host over TLS, sssd on the host under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.lab import Lab

from .conftest import RIGHT, WRONG, Attempt, People, paused, spare
from .directory import DOMAIN, Directory
from .test_login_delay import SU_OWN, age, entered

# The directory of one host is on the other.
pytestmark = pytest.mark.together

#: Guessed at until locked, guessed at by both names, left in peace, has a pause at each door.
LOCKED, TWO_NAMES, OTHER, *CROWD = ("rf-dir-locked", "rf-dir-names", "rf-dir-other", *(f"rf-dir-{n}" for n in range(8)))
_SUDOERS = "/etc/sudoers.d/rf-directory"


@pytest.fixture(scope="module")
def directory(lab: Lab, name: str, people: People) -> Iterator[Directory]:
    """The directory, and the people of this host's own besides."""
    one = Directory(lab, name)
    everybody = (LOCKED, TWO_NAMES, OTHER, *CROWD)
    one.open(dict.fromkeys(everybody, RIGHT))
    people.run(f"echo '{OTHER} ALL=(ALL) ALL' > {_SUDOERS}")
    yield one
    people.run(f"rm -f {_SUDOERS}; for name in {' '.join(everybody)}; do {people.forget('$name')}; done")
    people.run(f"cd /run/faillock/ && rm -f *@{DOMAIN}")
    one.close()


@pytest.fixture(scope="module")
def strangers(lab: Lab, name: str) -> Iterator[Iterator[str]]:
    """Addresses of the peer, one for each failure over ssh: neither sshd's penalties nor a ban come into the way."""
    peer = lab.peer(name)
    sources, _six = spare(lab, name, 205, 20)
    for source in sources:
        lab.run(peer, f"ip address replace {source}/24 dev eth0")
    yield iter(sources)
    for source in sources:
        lab.run(peer, f"ip address delete {source}/24 dev eth0")


@pytest.fixture(scope="module")
def guessed(
    people: People, directory: Directory, strangers: Iterator[str], settings: dict[str, Any]
) -> dict[str, list[Attempt]]:
    """Wrong passwords at every door, for one person enough of them; nobody of the host's own is meant."""
    del directory
    crowd = [people.su(person, WRONG) | {"after": after} for after, person in enumerate(CROWD)]
    # One after the other, as somebody guesses; failures at the same instant are those of people of the host, below.
    tries = settings["login_delay_attempts"]
    locked = [people.su(LOCKED, WRONG) | {"after": len(CROWD) + number} for number in range(tries)]
    ssh, others = people.over_ssh_and_here(
        people.ssh(CROWD[0], WRONG, source=next(strangers)),
        people.console(CROWD[1], WRONG),
        sudo(WRONG),
        *crowd,
        *locked,
    )
    return {"ssh": [ssh], "login": [others[0]], "sudo": [others[1]], "su": others[2 : 2 + len(crowd)]}


def sudo(password: str) -> dict[str, Any]:
    """An attempt of a person of the directory to become root."""
    argv = ["runuser", "-u", OTHER, "--", "sudo", "-k", "echo", "ENTERED"]
    return {"argv": argv, "password": password, "tries": 1}


def both_ways(people: People, person: str, source: str = "") -> list[bool]:
    """Whether the right password lets a person in over ssh, from one of the peer's addresses, and with su."""
    ssh, (su,) = people.over_ssh_and_here(people.ssh(person, RIGHT, source=source), people.su(person, RIGHT))
    return [entered(ssh), entered(su)]


@pytest.mark.proof("login-delay.ssh")
@pytest.mark.control("login_delay.pause_after_failure")
def test_people_of_the_directory_wait_over_ssh(
    guessed: dict[str, list[Attempt]], settings: dict[str, Any], release: str
) -> None:
    assert paused(guessed["ssh"], settings["login_delay_seconds"], release), guessed["ssh"]


@pytest.mark.proof("login-delay.su", "login-delay.sudo")
@pytest.mark.control("login_delay.service_pauses")
@pytest.mark.parametrize("service", ["login", "su", "sudo"])
def test_people_of_the_directory_wait_at_the_other_doors(
    guessed: dict[str, list[Attempt]], settings: dict[str, Any], release: str, service: str
) -> None:
    own = SU_OWN if service == "su" else 0.0
    assert paused(guessed[service], settings["login_delay_services"][service], release, own=own), guessed[service]


@pytest.mark.proof("bad-logons-blocked.account-locked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_a_person_of_the_directory_is_locked_here(
    guessed: dict[str, list[Attempt]], people: People, directory: Directory, strangers: Iterator[str]
) -> None:
    """The directory would still take the password: it is this host that does not."""
    del guessed
    assert people.run(f"grep -c ^{LOCKED}: /etc/passwd || true").strip() == "0", "only the directory knows them"
    assert directory.accepts(LOCKED, RIGHT)
    assert both_ways(people, LOCKED, next(strangers)) == [False, False]


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_others_of_the_directory_and_of_the_host_still_log_in(
    guessed: dict[str, list[Attempt]], people: People
) -> None:
    del guessed
    assert both_ways(people, OTHER) == [True, True]
    assert both_ways(people, "rf-other") == [True, True]
    assert entered(people.jobs(sudo(RIGHT))[0])


@pytest.mark.proof("bad-logons-blocked.account-locked")
@pytest.mark.control("login_delay.lock_after_failures")
def test_people_of_the_host_are_locked_beside_the_directory(
    guessed: dict[str, list[Attempt]], people: People, strangers: Iterator[str], settings: dict[str, Any]
) -> None:
    del guessed
    people.jobs(*[people.su("rf-locked", WRONG)] * settings["login_delay_attempts"])
    assert both_ways(people, "rf-locked", next(strangers)) == [False, False]
    people.run(people.forget("rf-locked"))
    assert both_ways(people, "rf-locked") == [True, True]


@pytest.mark.proof("bad-logons-blocked.lock-lasts")
@pytest.mark.control("login_delay.lock_after_failures")
def test_the_lock_of_a_person_of_the_directory_ends_in_time_or_by_the_documented_command(
    guessed: dict[str, list[Attempt]], people: People, settings: dict[str, Any]
) -> None:
    del guessed
    lock = settings["login_delay_lock_minutes"] * 60
    people.run(age(LOCKED, lock - 60))
    assert not entered(people.jobs(people.su(LOCKED, RIGHT))[0])
    people.run(age(LOCKED, lock + 60))
    assert entered(people.jobs(people.su(LOCKED, RIGHT))[0])
    people.jobs(*[people.su(LOCKED, WRONG)] * settings["login_delay_attempts"])
    assert not entered(people.jobs(people.su(LOCKED, RIGHT))[0])
    people.run(people.forget(LOCKED))
    assert entered(people.jobs(people.su(LOCKED, RIGHT))[0])


@pytest.mark.proof("bad-logons-blocked.account-locked")
@pytest.mark.control("login_delay.one_count")
def test_another_name_of_an_account_is_no_way_round_its_lock(
    people: People, directory: Directory, strangers: Iterator[str], settings: dict[str, Any]
) -> None:
    """sssd knows everybody as NAME@DOMAIN as well; pam_faillock would count that by itself. su says the own name."""
    del directory
    other_name = f"{TWO_NAMES}@{DOMAIN}"
    assert people.run(f"getent passwd {other_name}").startswith(f"{TWO_NAMES}:")
    assert both_ways(people, TWO_NAMES) == [True, True]
    assert both_ways(people, other_name, next(strangers)) == [False, True]
    people.jobs(*[people.su(other_name, WRONG)] * (settings["login_delay_attempts"] - 1), people.su(TWO_NAMES, WRONG))
    assert both_ways(people, TWO_NAMES, next(strangers)) == [False, False]
    assert both_ways(people, other_name, next(strangers)) == [False, False]
