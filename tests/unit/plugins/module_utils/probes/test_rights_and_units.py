# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in a group, who may run a command as root, and how a unit runs, from the outputs of real tools."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    group_members,
    sudo_rights,
    unit_settings,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

PASSWD = (
    "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nbob:x:1001:997::/:/bin/sh\ncarol:x:1002:1002::/:/bin/sh\n"
)
GROUPS = {"netadmin": "netadmin:x:997:alice\n", "sudo": "sudo:x:27:carol\n", "27": "sudo:x:27:carol\n"}


class FakeHost(Host):
    """Answers getent, cvtsudoers and systemctl."""

    def __init__(self, *, sudoers: dict[str, Any] | None = None, systemctl: str = "", rc: int = 0) -> None:
        super().__init__()
        self.sudoers = json.dumps(sudoers or {})
        self.systemctl = systemctl
        self.rc = rc

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        if argv[:2] == ("getent", "passwd"):
            return Completed(0, PASSWD, "")
        if argv[:2] == ("getent", "group"):
            line = GROUPS.get(argv[2], "")
            return Completed(0 if line else 2, line, "")
        return Completed(self.rc, self.sudoers if argv[0] == "cvtsudoers" else self.systemctl, "failed")


def test_members_are_the_listed_and_those_whose_primary_group_it_is() -> None:
    """Bob is not listed in the group, and yet is in it."""
    seen = group_members.observe(FakeHost(), {"group": "netadmin"})
    assert seen.value == {"exists": True, "members": ["alice", "bob"], "people": ["alice", "bob"]}
    nobody = {"exists": False, "members": [], "people": []}
    assert group_members.observe(FakeHost(), {"group": "none"}).value == nobody


def test_people_are_no_accounts_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that cannot be listed is a person's."""
    monkeypatch.setitem(GROUPS, "netadmin", "netadmin:x:997:root,alice,far-away\n")
    seen = group_members.observe(FakeHost(), {"group": "netadmin"}).value
    assert seen["people"] == ["alice", "bob", "far-away"]
    assert "root" in seen["members"]


def spec(user: dict[str, Any], command: str, runas: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """One rule of sudoers as cvtsudoers prints it."""
    allowed: dict[str, Any] = {"Commands": [{"command": command, **more}]}
    if runas is not None:
        allowed["runasusers"] = runas
    return {"User_List": [user], "Host_List": [{"hostname": "ALL"}], "Cmnd_Specs": [allowed]}


ROOT = [{"username": "root"}]


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        (spec({"username": "alice"}, "/usr/sbin/nft", ROOT), ["alice"]),
        (spec({"username": "alice"}, "/usr/sbin/nft ^list .*$", ROOT), ["alice"]),
        (spec({"username": "alice"}, "ALL", [{"username": "ALL"}]), ["alice"]),
        (spec({"username": "alice"}, "/usr/sbin/"), ["alice"]),
        (spec({"username": "alice"}, "/usr/sbin/n*"), ["alice"]),
        (spec({"usergroup": "netadmin"}, "/usr/sbin/nft", ROOT), ["alice", "bob"]),
        (spec({"usergid": 27}, "ALL", ROOT), ["carol"]),
        (spec({"userid": 1002}, "ALL", ROOT), ["carol"]),
        (spec({"username": "ALL"}, "/usr/sbin/nft", ROOT), ["ALL"]),
        (spec({"username": "root"}, "ALL", ROOT), []),
        (spec({"usergroup": "none"}, "ALL", ROOT), []),
        (spec({"username": "alice"}, "/usr/bin/id", ROOT), []),
        (spec({"username": "alice"}, "ALL", [{"username": "postgres"}]), []),
        (spec({"username": "alice"}, "/usr/sbin/nft", ROOT, negated=True), []),
    ],
)
def test_who_may_run_a_command_as_root(rule: dict[str, Any], people: list[str]) -> None:
    """Groups are expanded; rights as somebody else do not count."""
    seen = sudo_rights.observe(FakeHost(sudoers={"User_Specs": [rule]}), {"command": "/usr/sbin/nft"})
    assert seen.value["people"] == people


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        (spec({"username": "alice"}, "/usr/bin/vi", ROOT), ["alice"]),
        (spec({"username": "alice"}, "/usr/bin/systemctl restart *", ROOT), ["alice"]),
        (spec({"username": "alice"}, "/usr/bin/python3 ^/opt/.*$", ROOT), ["alice"]),
        (spec({"username": "alice"}, "/bin/", ROOT), ["alice"]),
        (spec({"username": "ALL"}, "ALL", ROOT), ["ALL"]),
        (spec({"usergroup": "netadmin"}, "/usr/bin/env", ROOT), ["alice", "bob"]),
        (spec({"username": "alice"}, "/usr/bin/systemctl reload ringfence-firewall.service", ROOT), []),
        (spec({"username": "alice"}, "/usr/sbin/nft", ROOT), []),
        (spec({"username": "alice"}, "/usr/bin/vi", [{"username": "postgres"}]), []),
        (spec({"username": "alice"}, "/usr/bin/vi", ROOT, negated=True), []),
    ],
)
def test_who_becomes_root_by_way_of_another_program(rule: dict[str, Any], people: list[str]) -> None:
    """With arguments of one's own choice; the ones that a rule writes out are its author's."""
    seen = sudo_rights.observe(FakeHost(sudoers={"User_Specs": [rule]}), {"command": "/usr/sbin/nft"})
    assert seen.value["through_others"] == people


def test_who_is_root_by_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a rule of sudoers."""
    monkeypatch.setattr(f"{__name__}.PASSWD", PASSWD + "toor:x:0:0::/root:/bin/sh\n")
    assert sudo_rights.observe(FakeHost(), {"command": "/usr/sbin/nft"}).value["through_others"] == ["toor"]


def test_where_a_command_is_logged() -> None:
    """Log files of all commands and of the named one, not of others."""
    defaults = [
        {"Options": [{"env_reset": True}, {"logfile": "/var/log/all"}]},
        {"Binding": [{"command": "/usr/sbin/nft"}], "Options": [{"logfile": "/var/log/nft"}]},
        {"Binding": [{"command": "/usr/bin/id"}], "Options": [{"logfile": "/var/log/id"}]},
    ]
    seen = sudo_rights.observe(
        FakeHost(sudoers={"Defaults": defaults}), {"command": "/usr/sbin/nft", "logged_as": "/usr/sbin/nft"}
    )
    assert seen.value["logfiles"] == ["/var/log/all", "/var/log/nft"]


def test_sudoers_that_cannot_be_read_is_no_pass() -> None:
    """Not observed."""
    with pytest.raises(NotObservable):
        sudo_rights.observe(FakeHost(rc=1), {"command": "/usr/sbin/nft"})


def test_settings_of_a_unit() -> None:
    """As systemctl show prints them."""
    text = (
        "ExecStart={ path=/usr/sbin/nft ; argv[]=/usr/sbin/nft -f /etc/x.nft ; ignore_errors=no ; status=0/0 }\n"
        "ExecStartPre={ path=/bin/sh ; argv[]=/bin/sh -c a ; b ; ignore_errors=yes ; status=0/0 }\n"
        "Before=shutdown.target network-pre.target\nAfter=-.mount\nDropInPaths=\nDefaultDependencies=no\n"
        "NeedDaemonReload=yes\n"
    )
    seen = unit_settings.observe(FakeHost(systemctl=text), {"unit": "x.service"})
    assert seen.value == {
        "exec_start": "/usr/sbin/nft -f /etc/x.nft",
        "exec_start_pre": "/bin/sh -c a ; b",
        "before": ["network-pre.target", "shutdown.target"],
        "after": ["-.mount"],
        "drop_ins": [],
        "default_dependencies": False,
        "reload_needed": True,
    }
    with pytest.raises(NotObservable):
        unit_settings.observe(FakeHost(rc=1), {"unit": "x.service"})
