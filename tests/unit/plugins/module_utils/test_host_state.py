# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who came in, and what accounts and rules a host has: read from the host, without a hash of anybody's password."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import host_state, probe_session
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

NOBODY = 65534
HASH = "$y$j9T$abc$defghijklmnop"
PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
jane:x:1000:1000:Jane Roe, room 7:/home/jane:/bin/bash
open:x:1001:1001::/home/open:/bin/sh
shut:x:1002:100::/home/shut:/bin/sh
+nis::::::
broken:x
"""
SHADOW = f"""root:*:19000:0:99999:7:::
jane:{HASH}:20000:1:90:7:30:21000:
open::20001:0:99999:7:::
shut:!{HASH}:20002:0:90:7:::
"""
GROUP = "root:x:0:\njane:x:1000:\nsudo:x:27:jane,shut\nusers:x:100:\nadm:x:4:jane\n"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host with these files."""
    for name, text in (("passwd", PASSWD), ("shadow", SHADOW), ("group", GROUP)):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc" / name).write_text(text, encoding="utf-8")
    return Host(str(tmp_path))


def test_accounts_have_the_state_and_the_age_of_a_password_and_nothing_more(host: Host) -> None:
    found = {one["name"]: one for one in host_state.accounts(host)}
    assert list(found) == ["root", "daemon", "jane", "open", "shut"]
    assert found["jane"] == {
        "name": "jane",
        "uid": 1000,
        "shell": "/bin/bash",
        "groups": ["jane", "adm", "sudo"],
        "password": "set",
        "changed": "2024-10-04",
        "maximum_days": 90,
        "expires": "2027-07-01",
    }
    states = {name: one["password"] for name, one in found.items()}
    expected = {"root": "no password", "daemon": "no password", "jane": "set", "open": "none", "shut": "locked"}
    assert states == expected
    assert found["shut"]["groups"] == ["users", "sudo"]
    text = json.dumps(list(found.values()))
    assert "$y$" not in text
    assert "room 7" not in text


def processes(host: Host, chain: list[tuple[int, int, int, str]]) -> None:
    """Processes as the kernel shows them: number, parent, real user, connection."""
    for pid, parent, uid, connection in chain:
        folder = Path(host.at(f"/proc/{pid}"))
        folder.mkdir(parents=True)
        (folder / "status").write_text(f"Name:\tx\nPPid:\t{parent}\nUid:\t{uid}\t0\t0\t0\n", encoding="utf-8")
        more = f"SSH_CONNECTION={connection}\0" if connection else ""
        (folder / "environ").write_bytes(f"A=b\0{more}rubbish\0".encode())


SSH = "10.0.0.9 50000 10.0.0.5 22"


@pytest.mark.parametrize(
    ("chain", "user", "source", "became"),
    [
        # sudo keeps the connection out of its environment, and is root's itself
        ([(40, 30, 0, ""), (30, 20, 0, ""), (20, 10, NOBODY, SSH), (10, 1, 0, "")], "nobody", "10.0.0.9", "root"),
        # su to one account after ssh as another: the first one came in
        ([(40, 30, 0, ""), (30, 20, 4242, SSH), (20, 1, NOBODY, SSH)], "nobody", "10.0.0.9", "root"),
        ([(40, 30, 0, SSH), (30, 1, 0, "")], "root", "10.0.0.9", None),
        ([(40, 30, 0, ""), (30, 1, NOBODY, "")], "nobody", None, "root"),
        ([(40, 1, 0, "")], "root", None, None),
        ([(40, 1, 424242, SSH)], "424242", "10.0.0.9", None),
        ([(40, 40, 0, "")], "root", None, None),
    ],
)
def test_who_came_in_is_told_by_the_outermost_process(
    host: Host, chain: list[tuple[int, int, int, str]], user: str, source: str | None, became: str | None
) -> None:
    processes(host, chain)
    found = host_state.account(host, 40)
    assert (found["user"], found["source"], found["became"]) == (user, source, became)


class Ruled(Host):
    """A host on which nft says something."""

    said = Completed(0, 'table inet x {\n  comment "4111 1111 1111 1111"\n}\n', "")

    def run(self, *_argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        """What nft says."""
        del stdin, needs_root
        return self.said


def test_the_ruleset_is_lines_with_card_numbers_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = host_state.ruleset(Ruled())
    assert lines == ["table inet x {", '  comment "**** **** **** 1111"', "}"]
    monkeypatch.setattr(host_state, "MAX_LINES", 1)
    assert host_state.ruleset(Ruled())[1:] == ["# 2 lines more"]
    monkeypatch.setattr(Ruled, "said", Completed(1, "", "no such thing"))
    with pytest.raises(NotObservable, match="no such thing"):
        host_state.ruleset(Ruled())


def test_what_cannot_be_seen_is_said_and_hinders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ruled, "said", Completed(1, "", "no such thing"))
    found = host_state.state(Ruled(str(tmp_path)))
    assert found["accounts"] is None
    assert found["ruleset"] is None
    assert set(found["problems"]) == {"accounts", "ruleset"}


def test_a_look_has_them_only_when_they_are_asked_for() -> None:
    assert "state" not in probe_session.look([])
    told: dict[str, Any] = probe_session.look([], state=True)
    assert set(told["state"]) == {"accounts", "ruleset", "problems"}
    assert told["account"]["uid"] == os.getuid() or told["account"]["became"] is not None
