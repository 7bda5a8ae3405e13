# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closing accounts that a well-known password opens, on a host made of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import ways_in
from ansible_collections.ringfence.callcenter.plugins.module_utils.account_passwords import (
    STORE,
    AccountError,
    AccountPasswords,
    Remedy,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.login_account import Login
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _accounts, _crypt
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host

CATALOGUE = {"entries": [{"product": "P", "service": "login", "account": "pi", "password": "raspberry"}], "common": []}


def hashed(password: str) -> str:
    return _crypt.LibCrypt().hash(password, "$1$OCQE5rWg")


class Machine(Host):
    """A host of files whose sshd lets root in with a key only."""

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        assert argv[:2] == ("sshd", "-T")
        assert not stdin
        assert not needs_root
        return Completed(0, "permitrootlogin without-password\n", "")

    def write(self, path: str, text: str) -> None:
        place = Path(self.at(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def text(self, path: str) -> str:
        return Path(self.at(path)).read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """root with a key, pi with its password and sudo, ann with a password of her own, bob without any."""
    host = Machine(root=str(tmp_path))
    users = [("root", 0, "/root"), ("pi", 1000, "/home/pi"), ("ann", 1001, "/home/ann"), ("bob", 1002, "/home/bob")]
    host.write("/etc/passwd", "".join(f"{n}:x:{u}:{u}::{h}:/bin/bash\n" for n, u, h in users))
    fields = {"root": "*", "pi": hashed("raspberry"), "ann": hashed("long and fine"), "bob": ""}
    host.write("/etc/shadow", "".join(f"{name}:{field}:20000:0:99999:7:::\n" for name, field in fields.items()))
    os.chmod(host.at("/etc/shadow"), 0o640)
    host.write("/root/.ssh/authorized_keys", "# a comment\nssh-ed25519 AAAA me\n")
    return host


def work(machine: Machine, remedy: str = "lock", way: str = "", **accounts: Remedy) -> AccountPasswords:
    login = Login("pi", 1000, tuple(way.split())) if way else None
    return AccountPasswords(CATALOGUE, remedy=remedy, accounts=accounts, login=login, host=Machine(root=machine.root))


def converge(machine: Machine, **more: Remedy) -> list[str]:
    one = work(machine, **more)
    changes = one.plan()
    one.apply(changes)
    return [change.account for change in changes]


def fields(machine: Machine) -> dict[str, str]:
    return {line.split(":")[0]: line.split(":")[1] for line in machine.text("/etc/shadow").splitlines()}


def test_only_what_is_open_is_closed_and_once_is_enough(machine: Machine) -> None:
    before = machine.text("/etc/shadow")
    assert converge(machine) == ["bob", "pi"]
    assert fields(machine)["pi"] == f"!{hashed('raspberry')}"
    assert fields(machine)["bob"] == "!"
    assert fields(machine)["ann"] == hashed("long and fine")
    assert os.stat(machine.at("/etc/shadow")).st_mode & 0o777 == 0o640
    assert os.stat(machine.at(STORE)).st_mode & 0o777 == 0o600
    assert converge(machine) == []
    work(machine).restore()
    assert machine.text("/etc/shadow") == before
    assert not os.path.exists(machine.at("/var/lib/ringfence/default_passwords"))


def test_an_empty_field_in_etc_passwd_moves_to_shadow_and_back(machine: Machine) -> None:
    before = machine.text("/etc/passwd").replace("ann:x:", "ann::"), machine.text("/etc/shadow")
    machine.write("/etc/passwd", before[0])
    assert "ann" in converge(machine)
    assert "ann:x:" in machine.text("/etc/passwd")
    assert fields(machine)["ann"] == "!"
    work(machine).restore()
    assert (machine.text("/etc/passwd"), machine.text("/etc/shadow")) == before


def test_an_account_without_a_line_in_shadow_gets_one(machine: Machine) -> None:
    machine.write("/etc/passwd", machine.text("/etc/passwd") + "eve::1009:1009::/home/eve:/bin/sh\n")
    before = machine.text("/etc/passwd"), machine.text("/etc/shadow")
    assert "eve" in converge(machine)
    assert machine.text("/etc/shadow").endswith("eve:!::0:99999:7:::\n")
    work(machine).restore()
    assert (machine.text("/etc/passwd"), machine.text("/etc/shadow")) == before


def test_expire_and_set(machine: Machine) -> None:
    converge(machine, pi=Remedy("set", "a good new password"), bob=Remedy("expire"))
    assert _crypt.LibCrypt().matches("a good new password", fields(machine)["pi"])
    assert "bob:!:20000:0:99999:7::1:" in machine.text("/etc/shadow")


def test_who_chose_a_password_since_keeps_it(machine: Machine) -> None:
    converge(machine)
    own = machine.text("/etc/shadow").replace(f"!{hashed('raspberry')}", hashed("chosen since then"))
    machine.write("/etc/shadow", own)
    work(machine).restore()
    assert fields(machine)["pi"] == hashed("chosen since then")
    assert fields(machine)["bob"] == ""


def test_the_first_original_counts(machine: Machine) -> None:
    """Locked, opened again by hand as it was, locked again: the original is the first one."""
    before = machine.text("/etc/shadow")
    converge(machine)
    machine.write("/etc/shadow", before)
    converge(machine)
    work(machine).restore()
    assert machine.text("/etc/shadow") == before


@pytest.mark.parametrize("password", ["short", "raspberry", ""])
def test_a_bad_password_is_not_set_and_not_told(machine: Machine, password: str) -> None:
    before = machine.text("/etc/shadow")
    with pytest.raises(AccountError) as caught:
        work(machine, pi=Remedy("set", password)).plan()
    assert "shorter than 12" in str(caught.value)
    assert "raspberry" not in str(caught.value)
    assert machine.text("/etc/shadow") == before


def test_nothing_says_a_password(machine: Machine) -> None:
    changes = work(machine, pi=Remedy("set", "a good new password")).plan()
    said = repr(AccountPasswords.diff(changes))
    assert "raspberry" not in said
    assert "good new" not in said
    assert "$" not in said


# -- ways in --------------------------------------------------------------------------------------------------------


def test_the_last_administrator_is_not_closed(machine: Machine) -> None:
    """Without root's key pi is the only one who can become root."""
    os.unlink(machine.at("/root/.ssh/authorized_keys"))
    machine.write("/etc/sudoers.d/pi", "pi ALL=(ALL) ALL\n")
    with pytest.raises(AccountError, match="no administrator a way into this host"):
        work(machine).plan()
    assert [one.account for one in work(machine, pi=Remedy("set", "a good new password")).plan()] == ["bob", "pi"]


def test_the_account_of_the_run_is_not_closed(machine: Machine) -> None:
    with pytest.raises(AccountError, match=r"pi is the account that this run came in by \(ssh\)"):
        work(machine, way="ssh").plan()
    machine.write("/home/pi/.ssh/authorized_keys", "ssh-ed25519 AAAA me\n")
    assert work(machine, way="ssh").plan()
    with pytest.raises(AccountError, match="would have no way in any more"):
        work(machine, remedy="expire", way="ssh").plan()


def test_the_sudo_password_of_the_run_is_not_locked_while_sudo_asks_for_it(machine: Machine) -> None:
    """A key lets the account in, and then it could not become root."""
    machine.write("/home/pi/.ssh/authorized_keys", "ssh-ed25519 AAAA me\n")
    machine.write("/etc/sudoers.d/pi", "pi ALL=(ALL) ALL\n")
    with pytest.raises(AccountError, match=r"\(ssh, then sudo\) and sudo asks for the password"):
        work(machine, way="ssh sudo").plan()
    machine.write("/etc/sudoers.d/pi", "pi ALL=(ALL) NOPASSWD: ALL\n")
    assert work(machine, way="ssh sudo").plan()


def remaining(machine: Machine) -> list[str]:
    host = Machine(root=machine.root)
    return ways_in.remaining(host, _accounts.accounts(host), after={})


@pytest.mark.parametrize(
    ("rights", "key", "left"),
    [
        ("ann ALL=(ALL) ALL", False, ["root", "ann"]),
        ("%sudo ALL=(ALL:ALL) ALL", False, ["root", "ann"]),
        ("ann ALL=(ALL) /bin/ls", False, ["root"]),
        ("eve ALL=(ALL) ALL", False, ["root"]),
        ("eve ALL=(ALL) ALL", True, ["root"]),
        ("eve ALL=(ALL) NOPASSWD: ALL", True, ["root", "eve"]),
        ("eve ALL=(ALL) NOPASSWD: ALL", False, ["root"]),
    ],
)
def test_who_can_come_in(machine: Machine, rights: str, *, key: bool, left: list[str]) -> None:
    machine.write("/etc/passwd", machine.text("/etc/passwd") + "eve:x:1009:1009::/home/eve:/bin/sh\n")
    machine.write("/etc/shadow", machine.text("/etc/shadow") + "eve:!:20000::::::\n")
    machine.write("/etc/group", "sudo:x:27:ann\n")
    machine.write("/etc/sudoers", f"Defaults env_reset\n# a comment\n{rights}\n")
    if key:
        machine.write("/home/eve/.ssh/authorized_keys", "ssh-ed25519 AAAA me\n")
    assert remaining(machine) == left
