# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who try passwords on the host under test, and how long libpam makes them wait."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.lab import REPOSITORY, Lab

DRIVER = (Path(__file__).parent / "driver.py").read_text(encoding="utf-8")
CROWD = tuple(f"rf-{number}" for number in range(8))
PEOPLE = (*CROWD, "rf-sudo", "rf-ssh", "rf-locked", "rf-exempt", "rf-other")
RIGHT, WRONG = "Right-pass-4711", "wrong"
SSH = "ssh -o PreferredAuthentications=password -o PubkeyAuthentication=no -o StrictHostKeyChecking=no"
SSH += " -o UserKnownHostsFile=/dev/null -o ControlPath=none -o NumberOfPasswordPrompts=9 -o LogLevel=ERROR"


def jitter(second: int) -> float:
    """What libpam multiplies a pause by that begins in this second: it draws three numbers from the clock."""
    seed, total = second, 0.0
    for _turn in range(3):
        seed = (1664525 * seed + 1013904223) % 2**32
        total += (seed // 10) % 1000000
    return 0.5 + total / 3e6


@dataclass(frozen=True)
class Attempt:
    """What came of typing a password: the output, the exit status and each pause."""

    output: str
    rc: int
    pauses: list[dict[str, float]]


def paused(attempts: list[Attempt], seconds: float, release: str, *, own: float = 0.0) -> bool:
    """Whether these wrong passwords had the pauses that libpam makes when asked for so many seconds.

    own: what the program waits by itself in addition. Debian 12's libpam draws a pause from the clock, so each is known
    to a twentieth of a second. Debian 13's draws at random: none is shorter than half, and eight of them are, in the
    mean, under seven tenths once in millions of runs.
    """
    pauses = [pause for attempt in attempts for pause in attempt.pauses]
    if not pauses:
        return False
    lasted = [pause["seconds"] - own for pause in pauses]
    if release == "debian12":
        factors = [
            min(jitter(at) for at in range(int(pause["started"]), int(pause["typed"] + 0.5) + 1)) for pause in pauses
        ]
        return all(last >= seconds * factor - 0.05 for last, factor in zip(lasted, factors))
    enough = len(pauses) < 8 or sum(lasted) / len(lasted) >= 0.7 * seconds
    return enough and min(lasted) >= 0.5 * seconds - 0.05


class People:
    """Accounts on the host under test, and ways to try their passwords."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name

    def run(self, command: str) -> str:
        """Run a shell line on the host under test; its output."""
        done = self.lab.run(self.name, command)
        assert done.rc == 0, f"{command}: {done.stderr}"
        return done.stdout

    def arrive(self) -> None:
        """Create the accounts, with a right password each, root's too, and sudo for one."""
        self.run("getent shadow root | cut -d: -f2 > /root/rf-root")
        self.run("fail2ban-client unban --all")
        names = " ".join(PEOPLE)
        self.run(f"for name in {names}; do id $name >/dev/null 2>&1 || useradd -m -s /bin/sh $name; done")
        lines = "\n".join(f"{person}:{RIGHT}" for person in (*PEOPLE, "root"))
        self.run(f"printf '%s\\n' '{lines}' | chpasswd && echo 'rf-sudo ALL=(ALL) ALL' > /etc/sudoers.d/rf-test")

    def leave(self) -> None:
        """Remove the accounts and give root the password back that it had."""
        self.run('rm -f /etc/sudoers.d/rf-test; usermod -p "$(cat /root/rf-root)" root; rm -f /root/rf-root')
        self.run(f"for name in root {' '.join(PEOPLE)}; do {self.forget('$name')}; done; fail2ban-client unban --all")
        self.run(f"for name in {' '.join(PEOPLE)}; do userdel --force --remove $name 2>&1; done")

    @staticmethod
    def forget(person: str) -> str:
        """The documented way to unlock an account, as a shell line."""
        return f"faillock --user {person} --reset"

    def jobs(self, *attempts: dict[str, Any], on: str | None = None) -> list[Attempt]:
        """Make attempts at the same time, on the host under test or on another."""
        command = f"python3 -c {shlex.quote(DRIVER)}"
        done = self.lab.run(
            on or self.name, command, stdin=json.dumps([{"after": 0} | one for one in attempts]), timeout=120
        )
        assert done.rc == 0, done.stderr
        return [Attempt(**one) for one in json.loads(done.stdout)]

    def over_ssh_and_here(self, ssh: dict[str, Any], *here: dict[str, Any]) -> tuple[Attempt, list[Attempt]]:
        """Make an attempt over ssh from another host and others on the host under test, all at the same time."""
        with ThreadPoolExecutor() as pool:
            remote = pool.submit(self.jobs, ssh, on=self.lab.peer(self.name))
            local = self.jobs(*here)
            return remote.result()[0], local

    @staticmethod
    def su(person: str, password: str, tries: int = 1) -> dict[str, Any]:
        """An attempt of somebody else to become a person."""
        argv = ["runuser", "-u", "nobody", "--", "su", "-s", "/bin/sh", person, "-c", "echo ENTERED"]
        return {"argv": argv, "password": password, "tries": tries}

    @staticmethod
    def shell_change(person: str, password: str) -> dict[str, Any]:
        """An attempt of a person to change the own shell: chsh has no pause of its own, so it shows the common one."""
        return {"argv": ["runuser", "-u", person, "--", "chsh", "-s", "/bin/sh"], "password": password, "tries": 1}

    @staticmethod
    def sudo(password: str, tries: int = 1) -> dict[str, Any]:
        """An attempt of rf-sudo to become root."""
        argv = ["runuser", "-u", "rf-sudo", "--", "sudo", "-k", "echo", "ENTERED"]
        return {"argv": argv, "password": password, "tries": tries}

    @staticmethod
    def console(person: str, password: str) -> dict[str, Any]:
        """An attempt at the login prompt of a console."""
        return {"argv": ["login", person], "password": password, "tries": 1}

    def ssh(self, person: str, password: str, tries: int = 1, source: str = "") -> dict[str, Any]:
        """An attempt over ssh, to be made on another host, from one of its addresses."""
        argv = [*SSH.split(), *(["-b", source] if source else [])]
        argv += [f"{person}@{self.lab.address(self.name)}", "echo ENTERED"]
        return {"argv": argv, "password": password, "tries": tries}

    def answers(self, source: str, port: int = 22) -> bool:
        """Whether the host under test lets a connection in that comes from one of the peer's addresses."""
        version, to = (6, self.lab.address6(self.name)) if ":" in source else (4, self.lab.address(self.name))
        return self.lab.run(self.lab.peer(self.name), f"nc -{version} -z -w 2 -s {source} {to} {port}").rc == 0

    def greeted(self, source: str) -> bool:
        """Whether sshd itself speaks to somebody at one of the peer's addresses."""
        command = f"nc -w 2 -s {source} {self.lab.address(self.name)} 22 </dev/null"
        return "SSH-2.0" in self.lab.run(self.lab.peer(self.name), command).stdout

    def banned(self) -> list[str]:
        """The source addresses that are banned now."""
        return self.run("fail2ban-client get sshd banip").split()

    def awaits_ban(self, source: str) -> bool:
        """Whether an address is banned within the next seconds."""
        for _turn in range(60):
            if source in self.banned():
                return True
            time.sleep(0.25)
        return False


def spare(lab: Lab, name: str, first: int, count: int) -> tuple[list[str], list[str]]:
    """More addresses for the peer of a host, of IPv4 and of IPv6: none that the peer of another release has."""
    start, start6 = lab.address(lab.peer(name)).rsplit(".", 1)[0], lab.address6(lab.peer(name)).rsplit(":", 1)[0]
    first += 25 * (lab.release(name) == "debian13")
    return [f"{start}.{last}" for last in range(first, first + count)], [
        f"{start6}:{last}" for last in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def attacker(lab: Lab, name: str) -> Iterator[tuple[str, ...]]:
    """More addresses of the peer, from which passwords are guessed: one of IPv4, one of IPv6, three of IPv4."""
    peer = lab.peer(name)
    four, six = spare(lab, name, 201, 4)
    added = {four[0]: 24, six[0]: 64} | dict.fromkeys(four[1:], 24)
    for address, length in added.items():
        lab.run(peer, f"ip address replace {address}/{length} dev eth0 nodad")
    yield tuple(added)
    for address, length in added.items():
        lab.run(peer, f"ip address delete {address}/{length} dev eth0")


@pytest.fixture(scope="session")
def settings() -> dict[str, Any]:
    """The role's variables as this scenario sets them."""
    found: dict[str, Any] = {}
    for path in ("roles/login_delay/defaults/main.yml", "molecule/login_delay/vars.yml"):
        found |= yaml.safe_load((REPOSITORY / path).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def people(lab: Lab, name: str) -> Iterator[People]:
    """The accounts, for as long as the tests of a file take."""
    them = People(lab, name)
    them.arrive()
    yield them
    them.leave()
