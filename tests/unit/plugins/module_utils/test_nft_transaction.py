# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guarded change, with a kernel and a systemd that only remember what they were told."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import nft_transaction, unconfirmed
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import Done, NftError
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft_transaction import Expired, Transaction

NEW = "new rules\n"


class Kernel:
    """Stands for Table: a ruleset's 'listing' is its text without the rule of the unconfirmed time."""

    family, name, installed = "inet", "ringfence", True

    def __init__(self, *, namespaces: bool = True) -> None:
        self.running: str | None = None
        self.refuses: set[str] = set()
        self.namespaces = namespaces

    def listing(self) -> str | None:
        if self.running is None:
            return None
        return json.dumps({"nftables": [{"rule": {"chain": "input", "expr": [{"text": self.running}]}}]})

    def stateless(self) -> str | None:
        return self.running

    def scratch(self, ruleset: str, option: str = "-j") -> str | None:
        if not self.namespaces:
            return None
        if option == "-s":
            return ruleset
        return json.dumps({"nftables": [{"rule": {"chain": "input", "expr": [{"text": ruleset}]}}]})

    def check(self, ruleset: str) -> None:
        if ruleset in self.refuses:
            raise NftError("refused")

    def load(self, ruleset: str) -> None:
        if ruleset in self.refuses:
            raise NftError("refused")
        emptied = self.emptied()
        text = ruleset[len(emptied) :] if ruleset.startswith(emptied) else ruleset
        self.running = text or None

    def emptied(self) -> str:
        return "emptied\n"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What systemd was told."""
    told: list[list[str]] = []

    def run(argv: Sequence[str], stdin: str = "", timeout: float = 60.0) -> Done:
        told.append(list(argv))
        return Done(0, "", "")

    monkeypatch.setattr(unconfirmed, "run", run)
    return told


@pytest.fixture
def kernel() -> Kernel:
    """A host without rules."""
    return Kernel()


@pytest.fixture
def work(tmp_path: Path, kernel: Kernel, commands: list[list[str]]) -> Transaction:
    """A transaction on a host of its own."""
    group = str(os.getegid())
    folders = {"state": str(tmp_path / "lib/ringfence/firewall"), "runtime": str(tmp_path / "run/ringfence/firewall")}
    return Transaction(kernel, str(tmp_path / "etc/ruleset.nft"), group, **folders)  # type: ignore[arg-type]  # a double


def applied(work: Transaction, ruleset: str = NEW) -> str:
    """Load rules; the token to confirm them with."""
    token = work.apply(work.plan(ruleset), 30)
    assert token
    return token


def restored_by_timer(work: Transaction, kernel: Kernel) -> None:
    """Do what the armed timer does on a host."""
    os.rename(work.pending, work.settled)
    kernel.load(Path(work.previous).read_text(encoding="utf-8"))


def test_a_confirmed_change_runs_and_boots(work: Transaction, kernel: Kernel, commands: list[list[str]]) -> None:
    """Before the confirmation the file that boots is the old one; afterwards both are new and the timer is gone."""
    token = applied(work)
    assert any("--on-active=30s" in argv for argv in commands)
    assert kernel.running is not None
    assert kernel.running.startswith(NEW)
    assert "unconfirmed" in kernel.running
    assert not os.path.exists(work.path)
    work.confirm(token)
    assert kernel.running == NEW
    assert Path(work.path).read_text(encoding="utf-8") == NEW
    assert stat.S_IMODE(os.stat(work.path).st_mode) == 0o640
    assert commands[-1] == ["systemctl", "stop", "ringfence-firewall-rollback.timer"]
    assert not work.plan(NEW).changed


def test_a_second_confirmation_is_fine(work: Transaction) -> None:
    """The answer to the first may have been lost."""
    token = applied(work)
    work.confirm(token)
    work.confirm(token)


def test_the_timer_was_faster(work: Transaction, kernel: Kernel) -> None:
    """A late confirmation changes nothing, neither what runs nor what boots."""
    kernel.running = "old rules\n"
    token = applied(work)
    restored_by_timer(work, kernel)
    with pytest.raises(Expired):
        work.confirm(token)
    assert kernel.running == "old rules\n"
    assert not os.path.exists(work.path)


def test_the_timer_wins_the_race_for_the_marker(
    work: Transaction, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fires after the confirmation has read the token and before it has taken the marker."""
    token = applied(work)
    settle = work._settle

    def late(outcome: str) -> bool:
        restored_by_timer(work, kernel)
        return settle(outcome)

    monkeypatch.setattr(work, "_settle", late)
    with pytest.raises(Expired):
        work.confirm(token)
    assert kernel.running is None


def test_a_run_that_died_is_undone_before_the_next_change(work: Transaction, kernel: Kernel) -> None:
    """Rules that nobody confirmed never become the ones to go back to."""
    kernel.running = "old rules\n"
    applied(work, "cuts ssh\n")
    assert work.roll_back()
    assert kernel.running == "old rules\n"
    assert not work.roll_back()
    applied(work, NEW)
    assert Path(work.previous).read_text(encoding="utf-8") == "emptied\nold rules\n"


def test_an_old_token_confirms_nothing(work: Transaction) -> None:
    """Of two controllers only the later one's change is pending."""
    first = applied(work, "first\n")
    work.roll_back()
    applied(work, "second\n")
    with pytest.raises(Expired):
        work.confirm(first)


def test_what_the_kernel_refuses_leaves_nothing_pending(work: Transaction, kernel: Kernel) -> None:
    """The rules are as before, and no timer waits."""
    kernel.running = "old rules\n"
    plan = work.plan(NEW)
    grace = nft_transaction._GRACE.format(family="inet", table="ringfence")
    kernel.refuses = {NEW + grace}
    with pytest.raises(NftError):
        work.apply(plan, 30)
    assert kernel.running == "old rules\n"
    assert not work.is_pending


def test_without_a_timer_nothing_is_loaded(work: Transaction, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host on which the rollback cannot be armed is not changed."""
    monkeypatch.setattr(unconfirmed, "run", lambda *_args: Done(1, "", "no systemd here"))
    with pytest.raises(NftError, match="no systemd here"):
        work.apply(work.plan(NEW), 30)
    assert kernel.running is None
    assert not work.is_pending


def test_drift_of_one_side_is_seen(work: Transaction, kernel: Kernel, commands: list[list[str]]) -> None:
    """Kernel alone: loaded again, guarded. File alone: written, without a reload."""
    work.confirm(applied(work))
    kernel.running = "drifted\n"
    plan = work.plan(NEW)
    assert (plan.kernel_differs, plan.file_differs) == (True, False)
    assert (plan.before, plan.after) == ("drifted\n", NEW)
    kernel.running = NEW
    os.chmod(work.path, 0o600)
    plan = work.plan(NEW)
    assert (plan.kernel_differs, plan.file_differs) == (False, True)
    commands.clear()
    assert work.apply(plan, 30) is None
    assert commands == []
    assert not work.plan(NEW).changed


def test_without_namespaces_the_last_load_is_the_measure(work: Transaction, kernel: Kernel) -> None:
    """Same text and same listing as after the last load: nothing to do. Either differs: load."""
    kernel.namespaces = False
    work.confirm(applied(work))
    assert not work.plan(NEW).changed
    assert work.plan("other\n").kernel_differs
    kernel.running = "drifted\n"
    assert work.plan(NEW).kernel_differs


def test_removed_leaves_nothing(work: Transaction, kernel: Kernel, tmp_path: Path) -> None:
    """No table, no file, no folder of ours."""
    work.confirm(applied(work))
    assert work.remains()
    work.remove()
    assert kernel.running is None
    assert not work.remains()
    assert [str(path) for path in tmp_path.rglob("*.*")] == []
    assert not (tmp_path / "lib/ringfence").exists()
