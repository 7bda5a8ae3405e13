# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The new site of this scenario: its model, its machines, and its playbooks as their administrator runs them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

#: Every role of the collection, and those that the site gets: all of them, or those that are named with commas between.
ALL = sorted(path.name for path in (REPOSITORY / "roles").iterdir() if (path / "tasks").is_dir())
ROLES = sorted(filter(None, os.environ.get("RINGFENCE_NEWSITE_ROLES", "").split(","))) or ALL
FOLDER = REPOSITORY / ".cache" / "molecule-newsite"
SITE = FOLDER / "site.yml"
SNAPSHOT = (REPOSITORY / "tests" / "behaviour" / "contract" / "snapshot.sh").read_text(encoding="utf-8")
_RECAP = re.compile(
    r"^(?P<host>\S+)\s*: ok=\d+\s+changed=(?P<changed>\d+)\s+unreachable=(?P<unreachable>\d+)\s+failed=(?P<failed>\d+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Run:
    """One run of a playbook over the site: its exit status, its output, and by host what its recap counts."""

    rc: int
    output: str
    changed: dict[str, int]
    failed: dict[str, int]

    @classmethod
    def of(cls, done: Completed) -> Run:
        """Read what a playbook said."""
        rows = [row for row in _RECAP.finditer(done.stdout) if row["host"] != "localhost"]
        failed = {row["host"]: int(row["failed"]) + int(row["unreachable"]) for row in rows}
        output = done.stdout + done.stderr
        return cls(done.rc, output, {row["host"]: int(row["changed"]) for row in rows}, failed)


class NewSite:
    """The site: its machines are the lab's, without the administrator's own."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.hosts = [name for name in lab.hosts if name != "control"]

    def run(self, playbook: str, *args: str) -> Run:
        """Run a playbook of the collection over the site; of `site` only the roles that it gets."""
        path = str(REPOSITORY / "playbooks" / f"{playbook}.yml")
        tags = ["--tags", ",".join(ROLES)] if playbook == "site" and ROLES != ALL else []
        return Run.of(self.lab.playbook(path, *tags, *args, inventory=SITE, timeout=1800))

    def ask(self, host: str, command: str, *, stdin: str = "") -> str:
        """Run a shell line on a machine as root, past its ssh and its accounts; its output."""
        done = self.lab.run(host, command, stdin=stdin, timeout=120)
        assert done.rc == 0, f"{host}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def snapshot(self, host: str) -> list[str]:
        """What the machine looks like now."""
        return self.ask(host, "sh -s", stdin=SNAPSHOT).splitlines()

    def before(self, host: str) -> list[str]:
        """What it looked like when its owners had left it."""
        return self.ask(host, "cat /var/tmp/ringfence-before").splitlines()

    def failed_units(self) -> dict[str, str]:
        """The units that each machine lists as failed."""
        return {name: self.ask(name, "systemctl --failed --plain --no-legend").strip() for name in self.hosts}


@pytest.fixture(scope="session")
def site(lab: Lab) -> NewSite:
    """The new site."""
    return NewSite(lab)


@pytest.fixture(autouse=True)
def _both_releases(request: pytest.FixtureRequest) -> None:
    """What a test shows here it shows on both releases."""
    for release in ("debian12", "debian13"):
        request.node.user_properties.append(("release", release))
