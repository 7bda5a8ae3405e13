# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local group's members: planned, and put back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import local_group
from ansible_collections.ringfence.callcenter.plugins.module_utils.local_group import Group, GroupError, Plan


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Group:
    """A group of a database of our own, with tools that edit that."""
    database = tmp_path / "group"
    database.write_text("root:x:0:\nnetadmin-old:x:5:zoe\n", encoding="utf-8")

    def run(*argv: str) -> None:
        lines = [line for line in database.read_text(encoding="utf-8").splitlines() if not line.startswith("netadmin:")]
        if argv[0] != "groupdel":
            members = argv[2] if argv[0] == "gpasswd" else ""
            lines.append(f"netadmin:x:997:{members}")
        database.write_text("\n".join(lines) + "\n", encoding="utf-8")

    monkeypatch.setattr(local_group, "_run", run)
    return Group("netadmin", "firewall", database=str(database), store=str(tmp_path / "lib/ringfence/groups"))


def test_made_filled_and_removed_again(group: Group) -> None:
    """A group that the role made goes; what was before stays as it was."""
    text = Path(group.database).read_text(encoding="utf-8")
    plan = group.plan_present(["bob", "alice"], ["alice", "bob"])
    assert plan == Plan(None, ("alice", "bob"))
    group.apply(plan)
    assert group.members() == ("alice", "bob")
    assert not group.plan_present(["alice", "bob"], ["alice", "bob"]).changed
    group.apply(group.plan_present([], []))
    assert group.members() == ()
    group.apply(group.plan_absent(), restore=True)
    assert Path(group.database).read_text(encoding="utf-8") == text
    assert not Path(group.store).parent.parent.exists()
    assert not group.plan_absent().changed


def test_members_of_before_come_back(group: Group) -> None:
    """A group that existed is not removed."""
    with open(group.database, "a", encoding="utf-8") as stream:
        stream.write("netadmin:x:997:zoe\n")
    group.apply(group.plan_present(["alice"], ["alice"]))
    assert group.members() == ("alice",)
    group.apply(group.plan_absent(), restore=True)
    assert group.members() == ("zoe",)


def test_accounts_that_do_not_exist_are_left_out(group: Group) -> None:
    """And named."""
    plan = group.plan_present(["alice", "ghost"], ["alice"])
    assert (plan.after, plan.missing) == (("alice",), ("ghost",))


def test_one_role_a_group(group: Group) -> None:
    """Another role's original is not used."""
    group.apply(group.plan_present([], []))
    other = Group("netadmin", "accounts", database=group.database, store=group.folder)
    with pytest.raises(GroupError, match="managed by firewall"):
        other.plan_absent()
