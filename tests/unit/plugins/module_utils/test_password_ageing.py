# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords age as told, and as before once the role goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.password_ageing import Ageing, with_setting
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import password_ages
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._ageing import Ages
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

PASSWD = "\n".join(
    f"{name}:x:{uid}:{uid}::/:{shell}"
    for name, uid, shell in (
        ("root", 0, "/bin/sh"),
        ("daemon", 1, "/usr/sbin/nologin"),
        ("alice", 1000, "/bin/sh"),
        ("bob", 1001, "/bin/sh"),
        ("carol", 1002, "/usr/sbin/nologin"),
        ("nobody", 65534, "/usr/sbin/nologin"),
    )
)
SHADOW = """\
root:$y$a:20000:0:99999:7:::
daemon:$y$a:20000:0:99999:7:::
alice:$y$a:20000:0:99999:7:::
bob:!$y$a:20000:0:99999:7:::
carol:$y$a:::::::
nobody:*:20000:0:99999:7:::
"""
DEFS = "# PASS_MAX_DAYS\t1\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nUID_MIN\t\t\t 1000\nUID_MAX 60000\n"
TODAY = 20700


class Accounts:
    """A folder with account files, and a chage that writes into it."""

    def __init__(self, root: Path) -> None:
        self.root, self.etc = root, root / "etc"
        self.etc.mkdir()
        for name, text in (("passwd", PASSWD), ("shadow", SHADOW), ("login.defs", DEFS)):
            (self.etc / name).write_text(text)

    def chage(self, name: str, ages: Ages) -> None:
        lines = []
        for line in (self.etc / "shadow").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                numbers = (ages.changed, ages.minimum, ages.maximum, ages.warning)
                fields[2:6] = ["" if number is None else str(number) for number in numbers]
            lines.append(":".join(fields))
        (self.etc / "shadow").write_text("\n".join(lines) + "\n")

    def work(self) -> Ageing:
        return Ageing("managed_by", today=TODAY, etc=str(self.etc), store=str(self.root / "store/a"), change=self.chage)

    def texts(self) -> list[str]:
        return [(self.etc / name).read_text() for name in ("shadow", "login.defs")]


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path)


def test_every_account_that_somebody_can_log_in_to_counts(accounts: Accounts) -> None:
    """However high its number, and those of the system that have a shell."""
    more = {"high": (70000, "/bin/bash"), "backup": (34, "/bin/sh"), "unnamed": (35, ""), "sync": (4, "/bin/sync")}
    passwd, shadow = accounts.etc / "passwd", accounts.etc / "shadow"
    passwd.write_text(PASSWD + "".join(f"\n{name}:x:{uid}:100::/:{shell}" for name, (uid, shell) in more.items()))
    shadow.write_text(SHADOW + "".join(f"{name}:$y$a:20000:0:99999:7:::\n" for name in more))
    seen = password_ages.observe(Host(str(accounts.root)), {"maximum_days": 90}).value
    assert seen["without_maximum"] == ["alice", "backup", "carol", "high", "root", "unnamed"]
    assert sorted(accounts.work().plan_present(90, 1, 7, ["root"]).accounts) == [
        "alice",
        "backup",
        "carol",
        "high",
        "unnamed",
    ]


def test_people_with_a_password_age_and_nobody_else(accounts: Accounts) -> None:
    plan = accounts.work().plan_present(90, 1, 7, ["root"])
    assert sorted(plan.accounts) == ["alice", "carol"]
    assert plan.accounts["alice"] == (Ages(99999, 0, 7, 20000), Ages(90, 1, 7, 20000))
    assert plan.accounts["carol"][1] == Ages(90, 1, 7, TODAY)
    assert plan.settings == {
        "PASS_MAX_DAYS": ("99999", "90"),
        "PASS_MIN_DAYS": ("0", "1"),
        "PASS_WARN_AGE": (None, "7"),
    }
    assert "alice: at most 99999, at least 0, warning 7" in plan.lines(after=False)
    assert "alice: at most 90, at least 1, warning 7" in plan.lines(after=True)


def test_it_is_done_once_and_undone_to_the_letter(accounts: Accounts) -> None:
    before = accounts.texts()
    accounts.work().apply(accounts.work().plan_present(90, 1, 7, ["root"]))
    assert accounts.texts() != before
    assert not accounts.work().plan_present(90, 1, 7, ["root"]).changed
    accounts.work().apply(accounts.work().plan_present(60, 1, 7, ["root"]))
    accounts.work().restore(accounts.work().plan_absent())
    assert accounts.texts() == before
    assert not accounts.work().plan_absent().changed
    assert not (accounts.root / "store").exists()


def test_an_account_that_became_exempt_ages_as_before(accounts: Accounts) -> None:
    accounts.work().apply(accounts.work().plan_present(90, 1, 7, ["root"]))
    plan = accounts.work().plan_present(90, 1, 7, ["root", "alice"])
    assert plan.accounts == {"alice": (Ages(90, 1, 7, 20000), Ages(99999, 0, 7, 20000))}


def test_a_password_changed_meanwhile_keeps_its_day(accounts: Accounts) -> None:
    accounts.work().apply(accounts.work().plan_present(90, 1, 7, ["root"]))
    accounts.chage("alice", Ages(90, 1, 7, TODAY))
    assert accounts.work().plan_absent().accounts["alice"][1] == Ages(99999, 0, 7, TODAY)


@pytest.mark.parametrize(
    ("value", "after"),
    [("90", "A 1\n  KEY \t90 # why\n"), (None, "A 1\n")],
)
def test_a_setting_changes_where_it_stands(value: str | None, after: str) -> None:
    assert with_setting("A 1\n  KEY \t5 # why\n", "KEY", value) == after


def test_a_setting_that_is_missing_is_added_at_the_end() -> None:
    assert with_setting("#KEY 1\nA 1", "KEY", "90") == "#KEY 1\nA 1\nKEY\t90\n"


def test_the_audit_names_accounts_that_do_not_age(accounts: Accounts) -> None:
    params = {"maximum_days": 90, "minimum_days": 1, "exempt": ["root"]}
    seen = password_ages.observe(Host(root=str(accounts.root)), params).value
    assert seen == {
        "accounts": 2,
        "exempt": ["root"],
        "without_maximum": ["alice", "carol"],
        "without_minimum": ["alice", "carol"],
    }
    accounts.work().apply(accounts.work().plan_present(90, 1, 7, ["root"]))
    seen = password_ages.observe(Host(root=str(accounts.root)), params).value
    assert seen == {"accounts": 2, "exempt": ["root"], "without_maximum": [], "without_minimum": []}
