# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real logins with well-known passwords: they work until the role comes, which never tells one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from .conftest import GIVEN, PLANTED, SECRETS, UNTOUCHED, Doors

if TYPE_CHECKING:
    from tests.support.lab import Completed


@dataclass(frozen=True)
class Run:
    """What was before the role ran, and how it ran."""

    entered: dict[str, bool]
    entered_empty: bool
    audited: dict[str, list[str]]
    observed: dict[str, list[str]]
    audit_output: str
    done: Completed


@pytest.fixture(scope="module")
def run(doors: Doors, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every door is tried, the host is audited, and the role runs."""
    entered = {account: doors.enters(account, password) for account, password in PLANTED.items()}
    empty = doors.enters_without_password("rf-empty", nullok=True)
    folder = tmp_path_factory.mktemp("audit")
    red, output = doors.audit(folder)
    observed = {one["control"]: one["observed"] for one in doors.findings(folder)}
    done = doors.converge("-vvvv", "--diff")
    assert done.rc == 0, done.stdout[-4000:]
    return Run(entered, empty, red, observed, output, done)


@pytest.mark.proof("no-default-passwords.planted-found")
@pytest.mark.control("default_passwords.local_accounts")
def test_every_planted_password_worked_and_was_found(run: Run) -> None:
    assert run.entered == dict.fromkeys(PLANTED, True)
    found = run.observed["default_passwords.local_accounts"]["accounts_with_default_password"]
    assert [text.split(" ", 1)[0] for text in found] == sorted(PLANTED)
    assert set(run.audited) == {"default_passwords.local_accounts", "default_passwords.no_empty_passwords"}


@pytest.mark.proof("no-default-passwords.accounts-fail")
@pytest.mark.control("default_passwords.local_accounts")
@pytest.mark.parametrize("account", PLANTED)
def test_a_planted_password_is_refused(run: Run, doors: Doors, account: str) -> None:
    assert not doors.enters(account, PLANTED[account])


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_accounts")
def test_each_account_got_its_remedy(run: Run, doors: Doors) -> None:
    """A lock leaves the key, an expired account nothing, set a new password; a good password is nobody's business."""
    assert doors.enters("rf-set", GIVEN["rf-set"])
    assert doors.enters_with_key("rf-name")
    assert not doors.enters_with_key("rf-expire")
    assert doors.enters("rf-good", UNTOUCHED["rf-good"])


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.no_empty_passwords")
def test_an_account_without_a_password_is_closed_whatever_the_stack_allows(run: Run, doors: Doors) -> None:
    assert run.entered_empty, "the attempt proves nothing: it never worked"
    assert not doors.enters_without_password("rf-empty", nullok=True)


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.no_nullok")
def test_an_account_that_loses_its_password_does_not_open(run: Run, doors: Doors) -> None:
    doors.run("passwd -q -d rf-good")
    try:
        assert doors.enters_without_password("rf-good", nullok=True), "the attempt proves nothing"
        assert not doors.enters_without_password("rf-good")
    finally:
        doors.run("chpasswd -c YESCRYPT", stdin=f"rf-good:{UNTOUCHED['rf-good']}\n")


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.no_nullok")
def test_nullok_does_not_come_back_with_an_upgrade_of_a_package(run: Run, doors: Doors) -> None:
    """What maintainer scripts run: of a package with a profile of its own, of one that goes, and of libpam-runtime."""
    stack = "cat /etc/pam.d/common-auth"
    before = doors.run(stack)
    profile = "/usr/share/pam-configs/rf-package"
    update = "DEBIAN_FRONTEND=noninteractive pam-auth-update --package"
    try:
        fields = (
            "Name: A package",
            "Default: yes",
            "Priority: 1",
            "Auth-Type: Additional",
            "Auth:",
            " optional pam_permit.so",
        )
        doors.run(f"cat > {profile} && {update}", stdin="".join(f"{line}\n" for line in fields))
        assert "pam_permit.so" in doors.run(stack).split("Additional", 1)[1], "nothing was upgraded"
        assert "nullok" not in doors.run(stack)
        doors.run(f"{update} --enable rf-package && {update} --disable rf-package && {update} --remove rf-package")
        doors.run(f"rm {profile} && {update} --force && rm -f /etc/pam.d/*.pam-old")
        doors.run("DEBIAN_FRONTEND=noninteractive dpkg-reconfigure libpam-runtime && rm -f /etc/pam.d/*.pam-old")
        assert doors.run(stack) == before
        # Even where the list of profiles that were seen is lost.
        doors.run(f"rm /var/lib/pam/seen && {update}")
        assert doors.run(stack) == before
    finally:
        doors.run(f"rm -f {profile}")
    assert "changed=0" in doors.converge().stdout


@pytest.mark.proof("no-default-passwords.never-printed")
@pytest.mark.control("default_passwords.local_accounts")
def test_no_password_is_printed_or_kept(run: Run, doors: Doors) -> None:
    """Neither by the role or the audit at their most talkative, nor in a log or a leftover file of the host."""
    said = run.done.stdout + run.done.stderr + run.audit_output
    assert [secret for secret in SECRETS if secret in said] == []
    places = "/var/log /var/tmp /tmp /run /root /etc/pam.d /usr/share/pam-configs /var/lib/ringfence"
    for secret in SECRETS:
        done = doors.lab.run(
            doors.name, f"grep -rlaF -f - {places}; journalctl -q --no-pager -g '{secret}'", stdin=secret
        )
        assert done.stdout.strip() == "", secret


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_accounts")
def test_the_last_way_in_is_never_closed(run: Run, doors: Doors) -> None:
    """root gets a well-known password, and the role is told to let such accounts expire: it refuses."""
    before = doors.run("getent shadow root")
    doors.run("chpasswd -c YESCRYPT", stdin="root:toor\n")
    try:
        planted = doors.run("getent shadow root")
        done = doors.converge("-e", "default_passwords_remedy=expire")
        assert done.rc != 0
        assert "no administrator a way into this host" in done.stdout
        assert doors.run("getent shadow root") == planted
    finally:
        doors.run('read -r line && sed -i "s|^root:.*|$line|" /etc/shadow', stdin=before)


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_accounts")
def test_absent_gives_back_what_nobody_changed_since(run: Run, doors: Doors) -> None:
    doors.run("chpasswd -c YESCRYPT", stdin="rf-own:Somebody-chose-this-1\n")
    try:
        assert doors.converge("-e", "default_passwords_state=absent").rc == 0
        assert doors.enters("pi", PLANTED["pi"])
        assert doors.enters_with_key("rf-expire")
        assert doors.enters("rf-own", "Somebody-chose-this-1")
    finally:
        assert doors.converge().rc == 0
