# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who came in, read from trees of processes: ssh of both releases, sudo, su, doas, engines, consoles, and no way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import login_account
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
toor:x:0:0:another root:/root:/bin/sh
deploy:x:1000:1000::/home/deploy:/bin/bash
alice:x:1001:1001::/home/alice:/bin/zsh
"""
GROUP = "root:x:0:\nsudo:x:27:deploy,alice\ndeploy:x:1000:\n"
SSH = "SSH_CONNECTION=192.0.2.9 50000 198.51.100.4 2222"

#: Name, uid, title, environment, terminal: from the outermost process to the innermost.
Step = tuple[str, int, str, str, int]


class Tree:
    """Processes below a folder, numbered from 100 on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("passwd", PASSWD), ("group", GROUP)):
            self.write(f"etc/{name}", text)

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def grow(self, *steps: Step, above: int = 1, login_uid: int = 0xFFFFFFFF) -> int:
        """The steps one below the other; the number of the innermost."""
        parent = above
        for pid, (name, uid, title, environment, terminal) in enumerate(steps, 100):
            ids = f"{uid}\t{uid}\t{uid}\t{uid}"
            self.write(f"proc/{pid}/status", f"Name:\t{name}\nPPid:\t{parent}\nUid:\t{ids}\nGid:\t{ids}\n")
            self.write(f"proc/{pid}/stat", f"{pid} (a) b) S {parent} {pid} {pid} {terminal} -1 0")
            self.write(f"proc/{pid}/cmdline", title + "\0")
            self.write(f"proc/{pid}/environ", "LANG=C\0" + environment + "\0")
            self.write(f"proc/{pid}/loginuid", str(login_uid))
            parent = pid
        return parent

    def came_in(self, pid: int, **variables: str) -> login_account.Login:
        return login_account.came_in(Host(root=str(self.folder)), pid, variables)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write("proc/1/status", "Name:\tsystemd\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n")
    made.write("proc/1/stat", "1 (systemd) S 0 1 1 0 -1 0")
    return made


def ssh(user: str, uid: int, *, daemon: str = "sshd", terminal: str = "notty") -> list[Step]:
    return [
        ("sshd", 0, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "", 0),
        (daemon, 0, f"{daemon}: {user} [priv]", "", 0),
        *([(daemon, uid, f"{daemon}: {user}@{terminal}", "", 0)] if uid else []),
    ]


SHELL: Step = ("sh", 1000, "sh -c sudo", SSH, 0)
PYTHON: Step = ("python3", 0, "python3", "SUDO_USER=deploy", 0)


@pytest.mark.parametrize("daemon", ["sshd", "sshd-session"])
@pytest.mark.parametrize(
    ("steps", "way"),
    [
        ([("sudo", 0, "sudo -H", "", 0), ("sh", 0, "sh", "", 0)], ("ssh", "sudo")),
        # On a terminal of its own sudo is there twice.
        ([("sudo", 0, "sudo", "", 0), ("sudo", 0, "sudo", "", 7), ("sh", 0, "sh", "", 7)], ("ssh", "sudo")),
        ([("su", 0, "su root", "", 0), ("bash", 0, "bash", "", 0)], ("ssh", "su")),
        ([("doas", 0, "doas sh", "", 0)], ("ssh", "doas")),
        ([("sudo", 0, "sudo su", "", 0), ("su", 0, "su", "", 0), ("bash", 0, "bash", "", 0)], ("ssh", "sudo", "su")),
        ([("runuser", 0, "runuser -u root", "", 0)], ("ssh", "runuser")),
    ],
)
def test_the_session_of_sshd_says_who_came_in(tree: Tree, daemon: str, steps: list[Step], way: tuple[str, ...]) -> None:
    login = tree.came_in(tree.grow(*ssh("deploy", 1000, daemon=daemon), SHELL, *steps, PYTHON), SUDO_USER="")
    assert login == login_account.Login("deploy", 1000, way, "192.0.2.9", 2222, False)


def test_root_of_ssh_is_root_and_its_namesakes_are_told_apart(tree: Tree) -> None:
    """The privileged process of root's session is the only one."""
    for name in ("root", "toor"):
        steps = [("sshd", 0, "sshd: listener", "", 0), ("sshd", 0, f"sshd: {name}@pts/0", "", 0)]
        login = tree.came_in(tree.grow(*steps, ("bash", 0, "-bash", SSH, 34816), ("python3", 0, "python3", SSH, 34816)))
        assert (login.account, login.way, login.terminal) == (name, ("ssh",), True)


def test_a_become_program_that_is_gone_has_left_its_variable(tree: Tree) -> None:
    """sudo without a session of PAM runs the command in its own process."""
    pid = tree.grow(*ssh("deploy", 1000), SHELL, PYTHON)
    assert tree.came_in(pid, SUDO_USER="deploy").way == ("ssh", "sudo")
    assert tree.came_in(pid, DOAS_USER="deploy").way == ("ssh", "doas")


def test_the_address_is_that_of_the_session_and_not_of_what_runs_in_it(tree: Tree) -> None:
    other = "SSH_CONNECTION=203.0.113.1 1 198.51.100.4 22"
    login = tree.came_in(tree.grow(*ssh("deploy", 1000), SHELL, ("sh", 0, "sh", other, 0)), SSH_CONNECTION=other[15:])
    assert (login.address, login.server_port) == ("192.0.2.9", 2222)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("fe80::1%eth0 50000 fe80::2%eth0 22", "fe80::1"),
        ("nonsense 1 x 22", ""),
        ("192.0.2.9 1 198.51.100.4", ""),
        ("192.0.2.9 1 198.51.100.4 ssh", ""),
    ],
)
def test_only_an_address_is_taken_for_one(tree: Tree, text: str, address: str) -> None:
    shell = ("sh", 1000, "sh", f"SSH_CONNECTION={text}", 0)
    assert tree.came_in(tree.grow(*ssh("deploy", 1000), shell)).address == address


def test_a_container_engine_needs_no_account(tree: Tree) -> None:
    """Its process has no parent here, and an audit id of the machine that it was started on."""
    login = tree.came_in(tree.grow(("sh", 0, "sh", "", 0), PYTHON, above=0, login_uid=1001), SUDO_USER="")
    assert login == login_account.Login("root", 0, ("container",))


@pytest.mark.parametrize(
    ("steps", "login_uid", "variables", "expected"),
    [
        # A local run by root's timer, one by a person through sudo, and one whose session is known to the kernel only.
        ([("ansible-pull", 0, "", "", 0), PYTHON], 0xFFFFFFFF, {}, ("root", ("local",))),
        ([("bash", 1001, "", "", 1), ("sudo", 0, "", "", 1), PYTHON], 0xFFFFFFFF, {}, ("alice", ("local", "sudo"))),
        ([PYTHON], 0xFFFFFFFF, {"SUDO_USER": "alice"}, ("alice", ("local", "sudo"))),
        ([PYTHON], 1001, {"SUDO_USER": "deploy"}, ("alice", ("local", "sudo"))),
        (
            [("login", 0, "", "", 1), ("bash", 1001, "", "", 1), ("su", 0, "", "", 1)],
            1001,
            {},
            ("alice", ("console", "su")),
        ),
        # Put behind its session: nothing of ssh is above it any more.
        ([PYTHON], 1000, {"SSH_CONNECTION": "192.0.2.9 1 198.51.100.4 22"}, ("deploy", ("ssh",))),
    ],
)
def test_without_a_session_of_sshd(
    tree: Tree, steps: list[Step], login_uid: int, variables: dict[str, str], expected: tuple[str, tuple[str, ...]]
) -> None:
    login = tree.came_in(tree.grow(*steps, login_uid=login_uid), **variables)
    assert (login.account, login.way) == expected


def test_an_account_that_nobody_knows_is_its_number(tree: Tree) -> None:
    login = tree.came_in(tree.grow(*ssh("gone", 4711), ("sh", 4711, "sh", SSH, 0)))
    assert (login.account, login.uid) == ("4711", 4711)


def test_hidden_processes_are_no_answer(tree: Tree) -> None:
    with pytest.raises(NotObservable, match="by which account it came in is not known"):
        tree.came_in(4242)


def test_a_chain_that_bites_its_tail_ends(tree: Tree) -> None:
    pid = tree.grow(("sh", 1000, "sh", "", 0), above=100)
    assert tree.came_in(pid).account == "deploy"


def test_groups_are_those_of_the_files(tree: Tree) -> None:
    host = Host(root=str(tree.folder))
    entry = login_account.account(host, "deploy")
    assert entry is not None
    assert (login_account.groups(host, entry), entry.shell) == (["deploy", "sudo"], "/bin/bash")
    assert login_account.account(host, "nobody-here") is None
