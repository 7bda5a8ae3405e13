# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail of fail2ban, from what the real fail2ban-client prints."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _sshd_ports, fail2ban_jail
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

DUMP = """\
['set', 'loglevel', 'INFO']
['add', 'sshd', 'systemd']
['set', 'sshd', 'maxretry', 4]
['set', 'sshd', 'findtime', '600']
['set', 'sshd', 'bantime', '1800']
['set', 'sshd', 'ignorecommand', '']
['set', 'sshd', 'addignoreip', '127.0.0.1/8', '::1', '10.66.1.254', '10.1.2.3/24']
['set', 'sshd', 'addaction', 'nftables']
['multi-set', 'sshd', 'action', 'nftables', [['type', 'multiport'], ['blocktype', 'drop'], ['port', 'ssh']]]
['start', 'sshd']
"""

ANSWERS = "fail2ban> ".join(
    [
        "Fail2Ban v1.0.2 reads log file that contains password failure report\n\n",
        "Status for the jail: sshd\n|- Filter\n|  `- Currently failed:\t0\n`- Actions\n   `- Banned IP list:\t\n",
        "4\n",
        "600\n",
        "1800\n",
        "These IP addresses/networks are ignored:\n|- 127.0.0.0/8\n|- 10.1.2.0/24\n|- 10.66.1.254\n`- ::1\n",
        "\n",
        "multiport\n",
        "ssh\n",
        "drop\n",
        "\n",
    ]
)

JAIL = {
    "installed": True,
    "active": True,
    "max_retry": 4,
    "find_seconds": 600,
    "ban_seconds": 1800,
    "ignored": ["10.1.2.0/24", "10.66.1.254"],
    "ignored_count": 2,
    "ignore_command": "",
    "blocks": "multiport ssh drop",
}


class FakeHost(Host):
    """Answers fail2ban-client."""

    def __init__(self, text: str, *, rc: int = 0, installed: bool = True) -> None:
        super().__init__()
        self.done = Completed(rc, text, "complaint")
        self.installed = installed

    def has(self, command: str) -> bool:
        return command == "fail2ban-client" and self.installed

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del needs_root
        assert argv == (("fail2ban-client", "-i") if stdin else ("fail2ban-client", "-d"))
        return self.done


def look(text: str, view: str, **more: Any) -> dict[str, Any]:
    return fail2ban_jail.observe(FakeHost(text, **more), {"jail": "sshd", "view": view}).value


def test_both_views_say_the_same_of_the_same_jail() -> None:
    assert look(DUMP, "files") == {**JAIL, "left_open": []}
    assert look(ANSWERS, "server") == {**JAIL, "left_open": []}


class Sshd(FakeHost):
    """A sshd that listens on two ports."""

    def has(self, command: str) -> bool:
        return True

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        if argv[0] == "systemctl":
            return Completed(0, "ActiveState=inactive\n", "")
        if argv[0] == "sshd":
            return Completed(
                0, "port 2222\nlistenaddress [::]:2222\nlistenaddress 0.0.0.0:2222\nlistenaddress 0.0.0.0:22\n", ""
            )
        return super().run(*argv, stdin=stdin, needs_root=needs_root)


@pytest.mark.parametrize(
    ("port", "left"), [("'ssh'", [2222]), ("'2222'", [22]), ("'22,2222'", []), ("'ssh,2222'", []), ("'80'", [22, 2222])]
)
def test_ports_of_sshd_that_a_ban_leaves_open(port: str, left: list[int]) -> None:
    text = DUMP.replace("['port', 'ssh']", f"['port', {port}]")
    assert fail2ban_jail.observe(Sshd(text), {"jail": "sshd", "view": "files"}).value["left_open"] == left
    everything = text.replace("'multiport'", "'allports'")
    assert fail2ban_jail.observe(Sshd(everything), {"jail": "sshd", "view": "files"}).value["left_open"] == []


def test_a_jail_that_is_not_started_is_not_active() -> None:
    assert look(DUMP.replace("['start', 'sshd']\n", ""), "files")["active"] is False
    gone = ANSWERS.replace("Status for the jail: sshd", "Sorry but the jail 'sshd' does not exist")
    assert look(gone, "server")["active"] is False


def test_without_a_server_or_without_fail2ban_nothing_is_active() -> None:
    assert look("", "server", rc=255) == {"installed": True, "active": False}
    assert look("", "server", installed=False) == {"installed": False, "active": False}


def test_all_ports_are_blocked_without_naming_one() -> None:
    text = DUMP.replace("'multiport'", "'allports'")
    assert look(text, "files")["blocks"] == "allports drop"


def test_times_that_are_no_numbers_stay_texts() -> None:
    assert look(DUMP.replace("'1800'", "'30m'"), "files")["ban_seconds"] == "30m"


@pytest.mark.parametrize(
    ("text", "view", "rc"), [("['set', \n", "files", 0), ("", "files", 1), ("fail2ban> ", "server", 0)]
)
def test_what_cannot_be_read_is_not_observed(text: str, view: str, rc: int) -> None:
    with pytest.raises(NotObservable):
        look(text, view, rc=rc)


def test_the_ports_of_a_socket_that_hands_connections_over() -> None:
    text = "Listen=[::]:22 (Stream)\nListen=192.0.2.4:2222 (Stream)\nListen=/run/x (Stream)\nActiveState=active\n"
    assert _sshd_ports.of_socket(text) == [22, 2222]
    assert _sshd_ports.of_socket(text.replace("=active", "=inactive")) == []
