# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One nftables table of this host: list, compare, check and load. Other tables are never touched."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _nft

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class NftError(Exception):
    """nft, or what it needs, refused: one sentence for the user."""


@dataclass(frozen=True)
class Done:
    """A finished command."""

    rc: int
    stdout: str
    stderr: str


def run(argv: Sequence[str], stdin: str = "", timeout: float = 60.0) -> Done:
    """Run a command of this host in the C locale. Raises NftError when it is missing or hangs."""
    command = shutil.which(argv[0], path=_PATH)
    if command is None:
        raise NftError(f"{argv[0]} is not installed")
    try:
        done = subprocess.run(
            [command, *argv[1:]],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={"PATH": _PATH, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired as error:
        raise NftError(f"{' '.join(argv)} gave no answer in {timeout:g} s") from error
    return Done(done.returncode, done.stdout, done.stderr)


class Table:
    """The table of one family and name."""

    def __init__(self, family: str, name: str) -> None:
        self.family = family
        self.name = name

    @property
    def installed(self) -> bool:
        """Whether nft is there at all."""
        return shutil.which("nft", path=_PATH) is not None

    def _list(self, option: str) -> str | None:
        done = run(["nft", option, "list", "table", self.family, self.name])
        if done.rc == 0:
            return done.stdout
        if _nft.no_such_table(done.stderr):
            return None
        raise NftError(f"nft list table {self.family} {self.name}: {done.stderr.strip()}")

    def listing(self) -> str | None:
        """What the kernel holds, as JSON; None when there is no such table."""
        return self._list("-j")

    def stateless(self) -> str | None:
        """What the kernel holds, as text without counts; None when there is no such table."""
        return self._list("-s")

    def with_handles(self) -> str | None:
        """What the kernel holds, as text with counts and handles; None when there is no such table."""
        return self._list("-a")

    def scratch(self, ruleset: str, option: str = "-j") -> str | None:
        """The table as a ruleset would load it; None when this host allows no network namespace.

        Raises NftError when the ruleset does not load.
        """
        done = run(_nft.scratch_argv(self.family, self.name, option), ruleset)
        if done.rc == 0:
            return done.stdout
        if _nft.scratch_refused(done.stderr):
            return None
        raise NftError(f"the ruleset does not load, and the rules in force stay: {done.stderr.strip()}")

    def check(self, ruleset: str) -> None:
        """Let nft judge a ruleset. Raises NftError."""
        done = run(["nft", "--check", "-f", "-"], ruleset)
        if done.rc:
            raise NftError(f"nft refuses the ruleset, and the rules in force stay: {done.stderr.strip()}")

    def load(self, ruleset: str) -> None:
        """Load a ruleset in one transaction: all of it or nothing. Raises NftError."""
        done = run(["nft", "-f", "-"], ruleset)
        if done.rc:
            raise NftError(f"the kernel refuses the ruleset, and the rules in force stay: {done.stderr.strip()}")

    def emptied(self) -> str:
        """The ruleset that removes the table, whether it exists or not."""
        return f"table {self.family} {self.name}\ndelete table {self.family} {self.name}\n"
