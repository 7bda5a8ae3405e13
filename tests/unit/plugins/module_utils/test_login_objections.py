# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would shut out the account that a run came in by: ageing, locks, groups, filters; and bans beside sshd."""

from __future__ import annotations

import datetime
import struct
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import login_objections, login_state
from ansible_collections.ringfence.callcenter.plugins.module_utils.login_account import Login
from ansible_collections.ringfence.callcenter.plugins.module_utils.login_objections import Outcome, Situation
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc).timestamp()
TODAY = int(NOW // 86400)
RECORD = {"name": "deploy", "reason": "Automation", "owner": "Platform", "expires": "2027-03-31"}


def situation(
    folder: Path, *, account: str = "deploy", changed: int = 90, way: str = "ssh sudo", **more: Any
) -> Situation:
    """deploy, whose password was changed so many days ago."""
    files = {
        "etc/passwd": "root:x:0:0::/root:/bin/bash\ndeploy:x:1000:1000::/home/deploy:/bin/bash\n",
        "etc/shadow": f"root:!:19000:0:99999:7:::\ndeploy:$y$x:{TODAY - changed}:0:99999:7:::\n",
        "etc/group": "sudo:x:27:deploy\nnetadmin:x:990:deploy\n",
        "etc/sudoers": "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
    }
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    login = Login(account, 0 if account == "root" else 1000, tuple(way.split()), "192.0.2.9", 22)
    return Situation(Host(root=str(folder)), login, NOW, **more)


def look(now: Situation, **would: dict[str, Any]) -> Outcome:
    return login_objections.look(now, would)


def ageing(maximum: int = 90, exempt: tuple[str, ...] = ("root",)) -> dict[str, Any]:
    return {"maximum_days": maximum, "warning_days": 7, "exempt": list(exempt), "setting": "password_policy_age_exempt"}


def test_a_password_as_old_as_it_may_get_is_refused_with_the_day_and_the_ways_out(tmp_path: Path) -> None:
    now = situation(tmp_path)
    text = login_objections.refusal(now.login, "gate1", look(now, age_passwords=ageing()))
    assert text == (
        "gate1: nothing was changed. This run came in as deploy (ssh, then sudo, from 192.0.2.9 to port 22), and the "
        "password of deploy was last changed on 2026-08-30, 90 days ago, and may get 90 days old: it would expire "
        "today. Ways out: change the password of deploy on the host; or name deploy with reason, owner and expires in "
        "administration.accounts of the site model (ringfence_administration_accounts without one); or list deploy in "
        "password_policy_age_exempt."
    )


@pytest.mark.parametrize(
    ("changed", "maximum", "objections", "warnings"),
    [(89, 90, 0, 1), (83, 90, 0, 1), (82, 90, 0, 0), (90, 90, 1, 0), (400, 90, 1, 0), (400, 0, 0, 0), (0, 90, 0, 0)],
)
def test_the_last_days_bring_a_warning(
    tmp_path: Path, changed: int, maximum: int, objections: int, warnings: int
) -> None:
    seen = look(situation(tmp_path, changed=changed), age_passwords=ageing(maximum))
    assert (len(seen.objections), len(seen.warnings)) == (objections, warnings)


def test_exempt_accounts_and_those_without_a_password_do_not_age(tmp_path: Path) -> None:
    assert look(situation(tmp_path), age_passwords=ageing(exempt=("root", "deploy"))) == Outcome()
    assert look(situation(tmp_path, account="root"), age_passwords=ageing(exempt=())) == Outcome()


def test_a_record_that_ran_out_is_named_with_its_day(tmp_path: Path) -> None:
    now = situation(tmp_path, accounts=[{**RECORD, "expires": "2026-11-27"}])
    assert not now.is_exempt("deploy")
    assert "renew the record of deploy" in look(now, age_passwords=ageing()).objections[0]
    assert "which expired on 2026-11-27" in look(now, age_passwords=ageing()).objections[0]
    assert situation(tmp_path, accounts=[{**RECORD, "expires": "2026-11-28"}]).is_exempt("deploy")


def locks(folder: str = "/tally", exempt: tuple[str, ...] = (), *, root: bool = True) -> dict[str, Any]:
    told = {"attempts": 3, "count_minutes": 60, "lock_minutes": 30, "folder": folder, "root": root}
    return {**told, "exempt": list(exempt), "setting": "login_delay_exempt_accounts"}


def tally(folder: Path, name: str, *ages: int, status: int = 1) -> None:
    records = b"".join(struct.pack("=52sHHQ", b"192.0.2.9", 0, status, int(NOW) - age) for age in ages)
    (folder / "tally").mkdir(exist_ok=True)
    (folder / "tally" / name).write_bytes(records)


def test_a_become_password_may_lock_an_account_that_is_not_on_record(tmp_path: Path) -> None:
    now = situation(tmp_path)
    warned = look(now, lock_accounts=locks()).warnings
    assert len(warned) == 1
    assert "3 wrong become passwords lock deploy for 30 minutes" in warned[0]
    assert look(now, lock_accounts=locks(exempt=("deploy",))) == Outcome()
    assert look(situation(tmp_path, account="root", way="ssh"), lock_accounts=locks()) == Outcome()


@pytest.mark.parametrize(
    ("ages", "status", "locked"),
    [
        ((1, 2, 3), 1, True),
        ((1, 2), 1, False),
        ((1, 2, 3), 0, False),
        ((1801, 1802, 1803), 1, False),
        ((1, 2, 3700), 1, False),
    ],
)
def test_what_was_counted_may_lock_at_once(tmp_path: Path, ages: tuple[int, ...], status: int, locked: bool) -> None:
    now = situation(tmp_path)
    tally(tmp_path, "deploy", *ages, status=status)
    seen = look(now, lock_accounts=locks())
    assert bool(seen.objections) is locked
    if locked:
        assert "faillock --user deploy --reset" in seen.objections[0]


def test_root_is_locked_only_where_it_is_asked_for(tmp_path: Path) -> None:
    now = situation(tmp_path, account="root", way="ssh")
    tally(tmp_path, "root", 1, 2, 3)
    assert look(now, lock_accounts=locks()).objections
    assert look(now, lock_accounts=locks(root=False)) == Outcome()


def group(name: str, *members: str) -> dict[str, Any]:
    return {"name": name, "members": list(members), "setting": "firewall_admins"}


def test_the_group_that_makes_it_root_is_not_left(tmp_path: Path) -> None:
    now = situation(tmp_path)
    assert "would not be in it any more" in look(now, set_group=group("sudo", "alice")).objections[0]
    assert look(now, set_group=group("sudo", "alice", "deploy")) == Outcome()
    assert look(now, set_group=group("netadmin", "alice")) == Outcome()
    (tmp_path / "etc" / "sudoers").write_text("%sudo ALL=(ALL) ALL\ndeploy ALL=(ALL) ALL\n", encoding="utf-8")
    assert look(situation_kept(tmp_path), set_group=group("sudo")) == Outcome()


def situation_kept(folder: Path) -> Situation:
    """deploy again, with the files as they are."""
    return Situation(Host(root=str(folder)), Login("deploy", 1000, ("ssh", "sudo")), NOW)


def ports(*texts: str) -> dict[str, Any]:
    return {"ports": list(texts), "setting": "firewall_administration_ports"}


def test_the_port_that_this_run_came_in_by_stays_open(tmp_path: Path) -> None:
    now = situation(tmp_path, sshd_ports=[22, 2222])
    refused = look(now, open_ports=ports("443", "8000-8099")).objections[0]
    assert "nobody in to port 22, by which this run came in: they let in 443, 8000-8099" in refused
    assert look(now, open_ports=ports("20-30")).objections == []
    assert "sshd listens on 2222" in look(now, open_ports=ports("22")).warnings[0]
    assert look(now, open_ports=ports("22", "2200-2300")) == Outcome()


def test_no_port_is_needed_where_no_ssh_came_in(tmp_path: Path) -> None:
    now = Situation(Host(root=str(tmp_path)), Login("root", 0, ("container",)), NOW)
    assert look(now, open_ports=ports()) == Outcome()


@pytest.mark.parametrize(
    ("banned", "refused"),
    [(["ssh"], False), ([], False), (["22"], True), (["22", "2222"], False), (["2222", "ssh"], False)],
)
def test_a_ban_closes_every_port_of_sshd(tmp_path: Path, banned: list[str], refused: bool) -> None:
    seen = look(
        situation(tmp_path, sshd_ports=[22, 2222]), ban_ports={"ports": banned, "setting": "login_delay_ban_ports"}
    )
    assert bool(seen.objections) is refused
    if refused:
        assert "sshd listens on 22, 2222 and login_delay_ban_ports has 22 only" in seen.objections[0]
        assert "a ban would leave 2222 open" in seen.objections[0]


def test_several_objections_stand_one_below_the_other(tmp_path: Path) -> None:
    now = situation(tmp_path)
    text = login_objections.refusal(now.login, "gate1", look(now, age_passwords=ageing(), open_ports=ports("443")))
    assert text.count("\n- ") == 2


def test_the_rule_in_force_is_that_of_the_stack(tmp_path: Path) -> None:
    host = situation(tmp_path).host
    assert login_state.rule(host) is None
    (tmp_path / "etc" / "pam.d").mkdir()
    (tmp_path / "etc" / "pam.d" / "common-auth").write_text(
        "# auth required pam_faillock.so deny=9\nauth required pam_faillock.so preauth conf=/etc/own.conf deny=5\n"
    )
    (tmp_path / "etc" / "own.conf").write_text("deny = 4\nunlock_time = 60 # short\neven_deny_root\n")
    assert login_state.rule(Host(root=host.root)) == login_state.Lock("/var/run/faillock", 5, 900, 60, True)
