# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What dpkg knows about the packages of a host, read from its status file without starting a program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

ADMINISTRATION = "/var/lib/dpkg"

#: States in which the files of a package are in place and its programs work.
_WORKING = frozenset({"installed", "triggers-awaited", "triggers-pending"})
_FIELDS = (b"Package:", b"Status:", b"Version:", b"Provides:", b"Architecture:")


@dataclass(frozen=True)
class Package:
    """One entry of the status file. want: what an administrator asked for, such as install or hold."""

    name: str
    want: str
    state: str
    version: str = ""
    provides: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether it is unpacked and configured."""
        return self.state in _WORKING


def _entry(paragraph: bytes) -> Package | None:
    seen: dict[bytes, str] = {}
    for line in paragraph.split(b"\n"):
        for name in _FIELDS:
            if line.startswith(name):
                seen[name] = line[len(name) :].decode("utf-8", errors="replace").strip()
    status = seen.get(b"Status:", "").split()
    if b"Package:" not in seen or len(status) != 3:
        return None
    provides = tuple(re.findall(r"(?:^|,)\s*([a-z0-9][a-z0-9.+-]*)", seen.get(b"Provides:", "")))
    return Package(seen[b"Package:"], status[0], status[2], seen.get(b"Version:", ""), provides)


@dataclass(frozen=True)
class Status:
    """All entries. interrupted: dpkg was stopped in the middle of its work and has not been run since."""

    packages: tuple[Package, ...] = ()
    interrupted: bool = False
    exists: bool = True
    _working: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, packages: Iterable[Package], *, interrupted: bool = False, exists: bool = True) -> Status:
        """From entries."""
        listed = tuple(packages)
        working = {name for one in listed if one.works for name in (one.name, *one.provides)}
        return cls(listed, interrupted, exists, frozenset(working))

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of the names that neither are installed nor are provided by what is installed."""
        return [name for name in dict.fromkeys(names) if name not in self._working]

    def unfinished(self) -> list[Package]:
        """Packages that were unpacked, but not configured: ``dpkg --audit`` lists them."""
        finished = _WORKING | {"not-installed", "config-files"}
        return [one for one in self.packages if one.state not in finished]

    def held(self) -> list[str]:
        """Packages that an administrator holds at their version."""
        return sorted({one.name for one in self.packages if one.want == "hold"})

    def version(self, name: str) -> str | None:
        """The version of an installed package."""
        return next((one.version for one in self.packages if one.name == name and one.works), None)


def read(folder: str = ADMINISTRATION) -> Status:
    """Read the status file. Raises OSError when it is there and cannot be read."""
    try:
        with open(os.path.join(folder, "status"), "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return Status.of([], exists=False)
    try:
        # dpkg writes down each step in a file of digits, and takes these up when it ends.
        interrupted = any(name.isdigit() for name in os.listdir(os.path.join(folder, "updates")))
    except FileNotFoundError:
        interrupted = False
    entries = (_entry(paragraph) for paragraph in content.split(b"\n\n"))
    return Status.of((one for one in entries if one is not None), interrupted=interrupted)
