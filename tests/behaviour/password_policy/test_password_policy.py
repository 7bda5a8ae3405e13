# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real changes of passwords with passwd: bad ones are refused with the reason, good ones are accepted.

All are made once for all tests, one after another: pam_pwhistory takes no lock on what it remembers.
"""

from __future__ import annotations

from itertools import islice

import pytest

from .conftest import FIRST, People, Said

#: Refused for one reason each, and what passwd says of it.
REFUSED = {
    "shorter": ("Kr4al-Voet", "shorter than 12 characters"),
    "no digit": ("Kraal-Voet-zuil-dak", "less than 1 digits"),
    "no letter": ("8402-7391-5526-04", "less than 1 lowercase"),
    "dictionary": ("headquarters12", "dictionary"),
    "systematic": ("123456789abc", "dictionary"),
    "user name": ("marjolein-8402-zq", "user name"),
    "forbidden word": ("x7-callcenter-Qp9", "forbidden words"),
    "repeats": ("Kraal-7777777-zuil", "same characters consecutively"),
}
GOOD = "Boter-Hamer-41-gras"
SERIES = [FIRST, "Wolk-Tegel-19-mier", "Pluim-Ketel-26-oost", "Draak-Lepel-83-noot", "Sloot-Vinger-52-hek"]
THIRTEEN, SIXTEEN = "Zwaan-7-Kelk-", "Zwaan-7-Kelk-Mos"
YES = "updated successfully"


@pytest.fixture(scope="module")
def said(people: People) -> dict[str, list[Said]]:
    """What passwd and su said to each person, in order."""
    people.run("chage -d 2020-01-01 -M 90 rf-old")
    bad = [people.passwd("marjolein", FIRST, password) for password, _reason in REFUSED.values()]
    reuse = [people.passwd("rf-reuse", old, new) for old, new in zip(SERIES, SERIES[1:5])]
    reuse += [people.passwd("rf-reuse", SERIES[4], old) for old in SERIES[1:4]]
    reuse += [people.passwd("rf-reuse", SERIES[4], SERIES[0])]
    chains = {
        "marjolein": [*bad, people.passwd("marjolein", FIRST, GOOD), people.su("marjolein", GOOD)],
        "rf-reuse": reuse,
        "rf-admin": [people.passwd("rf-admin", FIRST, THIRTEEN), people.passwd("rf-admin", FIRST, SIXTEEN)],
        "rf-byroot": [
            people.passwd_by_root("rf-byroot", "short1"),
            people.passwd_by_root("rf-byroot", THIRTEEN),
            people.passwd_by_root("rf-byroot", FIRST),
        ],
        "rf-old": [people.su("rf-old", FIRST)],
    }
    answers = iter(people.talk([one for chain in chains.values() for one in chain]))
    return {person: list(islice(answers, len(chain))) for person, chain in chains.items()}


@pytest.mark.proof("stronger-passwords.short-refused", "stronger-passwords.dictionary-refused")
@pytest.mark.control("password_policy.strength")
@pytest.mark.parametrize("reason", REFUSED)
def test_a_bad_password_is_refused_and_told_why(said: dict[str, list[Said]], reason: str) -> None:
    answer = dict(zip(REFUSED, said["marjolein"]))[reason]
    assert REFUSED[reason][1] in answer.output, answer
    assert answer.rc != 0
    assert YES not in answer.output


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.strength")
def test_a_good_password_is_accepted_and_lets_in(said: dict[str, list[Said]]) -> None:
    changed, entered = said["marjolein"][-2:]
    assert changed.rc == 0, changed
    assert YES in changed.output, changed
    assert "ENTERED" in entered.output, entered


@pytest.mark.proof("stronger-passwords.short-refused")
@pytest.mark.control("password_policy.strength")
def test_root_cannot_set_a_weak_password_for_somebody_either(said: dict[str, list[Said]]) -> None:
    refused = said["rf-byroot"][0]
    assert refused.rc != 0, refused
    assert "BAD PASSWORD" in refused.output, refused


@pytest.mark.proof("stronger-passwords.short-refused")
@pytest.mark.control("password_policy.levels")
def test_an_administrator_needs_a_longer_one_than_others(said: dict[str, list[Said]]) -> None:
    """The same 13 characters that are accepted for somebody else."""
    short, long = said["rf-admin"]
    assert short.rc != 0, short
    assert "shorter than 15 characters" in short.output, short
    assert long.rc == 0, long
    assert said["rf-byroot"][1].rc == 0, said["rf-byroot"][1]


@pytest.mark.proof("stronger-passwords.reused-refused")
@pytest.mark.control("password_policy.history")
def test_none_of_the_last_four_is_accepted_again_but_an_older_one_is(said: dict[str, list[Said]]) -> None:
    """The present one is the last of the four."""
    first, again, oldest = said["rf-reuse"][:4], said["rf-reuse"][4:7], said["rf-reuse"][7]
    assert [one.rc for one in first] == [0, 0, 0, 0], first
    for one in again:
        assert one.rc != 0, again
        assert "already used" in one.output, again
    assert oldest.rc == 0, oldest


@pytest.mark.proof("stronger-passwords.reused-refused")
@pytest.mark.control("password_policy.history")
def test_root_cannot_set_a_used_one_either(said: dict[str, list[Said]]) -> None:
    used = said["rf-byroot"][2]
    assert used.rc != 0, used
    assert "already used" in used.output, used


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_a_password_that_is_too_old_must_be_changed_before_anything_else(said: dict[str, list[Said]]) -> None:
    answer = said["rf-old"][0]
    assert "ENTERED" not in answer.output, answer
    assert "expired" in answer.output, answer


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_a_new_account_and_an_old_one_age_the_same(said: dict[str, list[Said]], people: People) -> None:
    """An account that was there before the role, as the day of its last change is not known, counts from today."""
    del said
    people.run("chage -m 0 -M 99999 -d -1 rf-admin; chage -m 0 -M 99999 marjolein")
    playbook = f"{people.lab.folder.parents[2]}/molecule/password_policy/converge.yml"
    done = people.lab.playbook(playbook, "--limit", people.name, inventory=people.lab.inventory)
    assert done.rc == 0, done.stdout
    for person in ("rf-admin", "marjolein"):
        fields = people.run(f"getent shadow {person}").split(":")
        assert int(fields[2]) > 20000, fields
        assert fields[3:6] == ["1", "90", "7"], fields
    people.run("useradd rf-new; chage -l rf-new | grep 'Maximum.*: 90$'; userdel rf-new")


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.hashing")
def test_what_is_kept_of_a_password_is_a_hash_of_a_current_scheme(said: dict[str, list[Said]], people: People) -> None:
    """Whichever program sets it: passwd by a person and by root, chpasswd, newusers."""
    del said
    line = "rf-newusers:Boter-Hamer-41-gras:::::/bin/sh"
    people.run(f"echo '{line}' | newusers; echo 'rf-old:{GOOD}' | chpasswd")
    kept = dict(one.split(":")[:2] for one in people.run("cat /etc/shadow").splitlines())
    people.run("userdel rf-newusers; sed -i '/^rf-newusers:/d' /etc/security/opasswd")
    schemes = {name: kept[name][:3] for name in ("marjolein", "rf-byroot", "rf-old", "rf-newusers")}
    assert set(schemes.values()) == {"$y$"}, schemes
