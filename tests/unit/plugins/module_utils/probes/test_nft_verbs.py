# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verbs of the distribution's unit leave: judged by trying them out, and both roles say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _nft_verbs, nft_verbs
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

ROLES = Path(__file__).parents[5] / "roles"
TABLE = json.dumps({"nftables": [{"table": {"family": "inet", "name": "ringfence"}}]})
EMPTY = json.dumps({"nftables": [{"table": {"family": "inet", "name": "ringfence"}}, {"chain": {"name": "x"}}]})
PARAMS = {"family": "inet", "table": "ringfence", "path": "/r.nft"}
GOOD = 'flush ruleset; include "/etc/ringfence/nftables.d/*.nft"'


def shown(**commands: str) -> str:
    """What systemctl show prints."""
    return "".join(
        f"{name}={{ path=/usr/sbin/nft ; argv[]={line} ; ignore_errors=no ; start_time=[n/a] ; status=0/0 }}\n"
        for name, line in commands.items()
    )


class FakeHost(Host):
    """A host whose unit is this, and where trying out ends like this: the exit status, and what the table is then."""

    def __init__(self, unit: str, tried: tuple[int, str] = (0, TABLE), text: str | None = "rules") -> None:
        super().__init__()
        self.unit = unit
        self.tried = tried
        self.text = text

    def read(self, path: str) -> str | None:
        return self.text

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        if argv[0] == "systemctl":
            return Completed(0, self.unit, "")
        if stdin:
            return Completed(0, TABLE, "")
        return Completed(*self.tried, "")


def test_commands_are_those_that_systemd_holds() -> None:
    """In their order, whole, with what comes before and after the main one."""
    stop = "/usr/sbin/nft flush ruleset"
    host = FakeHost(shown(ExecStart=f"/usr/sbin/nft {GOOD}", ExecStop=stop, ExecStopPost="/bin/x y"))
    assert _nft_verbs.commands(host) == {
        "start": [f"/usr/sbin/nft {GOOD}"],
        "reload": [],
        "stop": ["/usr/sbin/nft flush ruleset", "/bin/x y"],
    }


@pytest.mark.parametrize(
    ("commands", "tried", "lost"),
    [
        ({"ExecStop": f"/usr/sbin/nft {GOOD}"}, (0, TABLE), []),
        ({"ExecStop": "/usr/sbin/nft flush ruleset"}, (4, ""), ["stop: nft flush ruleset removes the table"]),
        ({"ExecReload": "/usr/sbin/nft -f /x"}, (0, EMPTY), ["reload: nft -f /x changes the table"]),
        # What fails here may not fail there: it counts as good only where it loads our folder.
        ({"ExecStart": f"/usr/sbin/nft {GOOD}"}, (5, TABLE), []),
        (
            {"ExecStart": "/usr/sbin/nft -f /x"},
            (5, TABLE),
            ["start: nft -f /x could not be tried out, and does not load /etc/ringfence/nftables.d/"],
        ),
        ({"ExecStop": "/bin/sh -c x"}, (0, TABLE), ["stop: nobody knows what /bin/sh leaves, it is not nft"]),
        ({"ExecStopPost": "/usr/bin/systemctl try-restart x"}, (4, ""), []),
        ({}, (4, ""), []),  # masked, or not there
    ],
)
def test_what_is_lost(commands: dict[str, str], tried: tuple[int, str], lost: list[str]) -> None:
    """Each verb with the reason."""
    seen = nft_verbs.observe(FakeHost(shown(**commands), tried), PARAMS)
    assert seen.value == {"lost_by": lost, "reload_needed": False}


def test_what_cannot_be_seen() -> None:
    """No ruleset, and a namespace that is refused."""
    assert nft_verbs.observe(FakeHost("NeedDaemonReload=yes\n", text=None), PARAMS).value == {
        "lost_by": ["every verb: /r.nft holds no table inet ringfence"],
        "reload_needed": True,
    }
    with pytest.raises(NotObservable, match="tried out"):
        nft_verbs.observe(FakeHost(shown(ExecStop=f"/usr/sbin/nft {GOOD}"), (1, "")), PARAMS)


def test_drop_ins_of_others_are_named() -> None:
    """Those that say what is run, and a unit of its own in /etc; not ours."""
    own = "/etc/systemd/system/nftables.service"
    unit = f"FragmentPath={own}\nDropInPaths={own}.d/a.conf {own}.d/zz-ringfence-firewall.conf\n"
    host = FakeHost(unit, text="[Service]\nExecStart=\nExecStart=/usr/sbin/nft -f /x\n")
    ours = "/etc/systemd/system/nftables.service.d/zz-ringfence-firewall.conf"
    assert _nft_verbs.replaced(host, ours) == [
        "/etc/systemd/system/nftables.service",
        "/etc/systemd/system/nftables.service.d/a.conf",
    ]
    assert _nft_verbs.replaced(FakeHost(unit, text="[Unit]\nDescription=x\n"), ours) == []


def test_both_roles_say_the_same() -> None:
    """Whichever is there alone: the one that is read last sets what both need."""
    texts = [
        [
            line
            for line in (ROLES / role / "templates" / "nftables-drop-in.conf.j2").read_text("utf-8").splitlines()
            if not line.startswith("#")
        ]
        for role in ("firewall", "client_vlans")
    ]
    assert texts[0] == texts[1]
    assert sum(_nft_verbs.FOLDER in line for line in texts[0]) == 3
