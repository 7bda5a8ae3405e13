# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People who change their password on the host under test."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.lab import Lab

DRIVER = (Path(__file__).parent / "driver.py").read_text(encoding="utf-8")

#: Who changes what: one account a matter.
PEOPLE = ("marjolein", "rf-reuse", "rf-admin", "rf-byroot", "rf-old")
FIRST = "Kraal-Voet-77-zuil"


@dataclass(frozen=True)
class Said:
    """What a program said, and its exit status."""

    output: str
    rc: int


class People:
    """Accounts on the host under test."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name

    def run(self, command: str, stdin: str = "") -> str:
        """Run a shell line on the host under test; its output."""
        done = self.lab.run(self.name, command, stdin=stdin)
        assert done.rc == 0, f"{command}: {done.stderr}"
        return done.stdout

    def arrive(self) -> None:
        """Create the accounts, with a good password each that may be changed at once."""
        self.run(f"for name in {' '.join(PEOPLE)}; do id $name >/dev/null 2>&1 || useradd -m -s /bin/sh $name; done")
        self.run("chpasswd", stdin="".join(f"{person}:{FIRST}\n" for person in PEOPLE))
        self.run(f"for name in {' '.join(PEOPLE)}; do chage -m 0 $name; done; gpasswd -a rf-admin sudo")

    def leave(self) -> None:
        """Remove the accounts, and what is remembered of them."""
        self.run(f"for name in {' '.join(PEOPLE)}; do userdel --force --remove $name 2>&1; done")
        self.run("python3 -", stdin=FORGET)

    def talk(self, conversations: list[dict[str, Any]]) -> list[Said]:
        """Have conversations on the host under test, one after another."""
        command = f"python3 -c {shlex.quote(DRIVER)}"
        done = self.lab.run(self.name, command, stdin=json.dumps(conversations), timeout=240)
        assert done.rc == 0, done.stderr
        return [Said(**one) for one in json.loads(done.stdout)]

    @staticmethod
    def passwd(person: str, old: str, new: str) -> dict[str, Any]:
        """A person changes the own password; a refusal is followed by two more tries with the same one."""
        return {"argv": ["runuser", "-u", person, "--", "passwd"], "answers": [old] + [new, new] * 3}

    @staticmethod
    def passwd_by_root(person: str, new: str) -> dict[str, Any]:
        """root sets the password of a person."""
        return {"argv": ["passwd", person], "answers": [new, new] * 3}

    @staticmethod
    def su(person: str, password: str) -> dict[str, Any]:
        """Somebody becomes a person."""
        argv = ["runuser", "-u", "nobody", "--", "su", "-s", "/bin/sh", person, "-c", "echo ENTERED"]
        return {"argv": argv, "answers": [password]}


#: Takes the tests' accounts out of opasswd, in place: the file keeps its owner and mode.
FORGET = f"""
import os
path = "/etc/security/opasswd"
if os.path.exists(path + ".old"):
    os.remove(path + ".old")
lines = [line for line in open(path) if line.split(":")[0] not in {PEOPLE!r}]
open(path, "w").writelines(lines)
"""


@pytest.fixture(scope="module")
def people(lab: Lab, name: str) -> Iterator[People]:
    """The accounts, for as long as the tests of a file take."""
    them = People(lab, name)
    them.arrive()
    yield them
    them.leave()
