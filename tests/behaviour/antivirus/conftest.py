# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner of the host under test, and somebody who works on that host."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from tests.support.lab import Completed, Lab
from tests.support.observed import Observed

CONTRACT = Path(__file__).parents[1] / "contract"
QUARANTINE = "/var/lib/ringfence/quarantine"
RECORDS = "/var/lib/ringfence/antivirus"
USER = "rf-user"


class Machine:
    """The host under test."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name

    def run(self, command: str) -> str:
        """Run a shell line as root, which must work; its output."""
        done = self.lab.run(self.name, command, timeout=120)
        assert done.rc == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def attempt(self, command: str) -> Completed:
        """Run a shell line as root that may fail."""
        return self.lab.run(self.name, command, timeout=120)

    def as_user(self, command: str) -> Completed:
        """Run a shell line as an ordinary user."""
        return self.lab.run(self.name, f"runuser -u {USER} -- sh", stdin=command)

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> bool:
        """Whether a condition comes true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        return True

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.attempt(f"test -e '{path}'").rc == 0

    def answers(self) -> bool:
        """Whether the scanner answers."""
        return self.attempt("clamdscan --ping 1").rc == 0

    def log(self, since: str, *options: str) -> str:
        """The journal since a cursor."""
        return self.run(f"journalctl --sync; journalctl --no-pager -o cat --after-cursor='{since}' {' '.join(options)}")

    def now(self) -> str:
        """The journal's cursor now."""
        return self.run("journalctl -n 1 --show-cursor --no-pager -o cat | sed -n 's/^-- cursor: //p'").strip()

    def red(self, folder: Path, variables: dict[str, object] | None = None) -> dict[str, list[str]]:
        """The controls of the role that the audit sees broken on this host now, converged with these variables."""
        Observed.place(folder, "after")
        told = json.dumps((variables or {}) | {"contract_role": "antivirus", "contract_findings": str(folder)})
        playbook = str(CONTRACT / "audit.yml")
        done = self.lab.playbook(playbook, "--limit", self.name, "-e", told, inventory=self.lab.inventory)
        return Observed(folder, done.stdout + done.stderr).red("after", self.name)


@pytest.fixture(scope="module")
def machine(lab: Lab, name: str) -> Iterator[Machine]:
    """The host under test with a user on it."""
    it = Machine(lab, name)
    it.run(f"id {USER} >/dev/null 2>&1 || useradd --create-home --shell /bin/sh {USER}")
    assert it.wait(it.answers)
    yield it
    it.run(f"userdel --force --remove {USER} 2>&1; rm -rf /srv/files/*")
