# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every probe stands on: the host as it can be read, and what an observation is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from typing import Any

#: Bytes. No configuration is larger, and no host is to run out of memory over a file that is.
LARGEST = 16 * 1024 * 1024


class NotObservable(Exception):
    """The observation could not be made (no root, a tool is missing): the finding is ``not_observed``."""


class NotApplicable(Exception):
    """The check has no meaning on this host: the finding is ``not_applicable``."""


@dataclass(frozen=True)
class Observation:
    """What a probe saw.

    value: a flat dict of JSON values, the keys an expectation may name.
    source: where it was seen: ``file:line``, a command line, ``kernel``.
    """

    value: dict[str, Any]
    source: str


@dataclass(frozen=True)
class Completed:
    """A finished command: its exit status and its two outputs as text."""

    rc: int
    stdout: str
    stderr: str


class Host:
    """The machine this runs on, read once: files, commands and unit states are cached for all checks of a run."""

    #: Commands are looked for here and nowhere else, whatever PATH the caller has.
    path = "/usr/sbin:/usr/bin:/sbin:/bin"

    def __init__(self, root: str = "/", timeout: float = 20.0) -> None:
        self.root = root
        self.timeout = timeout
        #: What one probe worked out and another can use, by a name that they share.
        self.kept: dict[str, Any] = {}
        self._texts: dict[str, str | None] = {}
        self._runs: dict[tuple[tuple[str, ...], str], Completed] = {}

    @property
    def is_root(self) -> bool:
        """Whether the observer may see everything."""
        return os.geteuid() == 0

    def at(self, path: str) -> str:
        """The path below this host's root (tests give a root of their own)."""
        return path if self.root == "/" else os.path.join(self.root, path.lstrip("/"))

    def read(self, path: str) -> str | None:
        """The text of a file, None when there is none; NotObservable when it may not be read, or is no file to read.

        A folder is no file. What hangs when it is read, or never ends, is not read: a pipe, a device, 20 GB of nothing.
        """
        if path not in self._texts:
            try:
                self._texts[path] = self._text(path)
            except (FileNotFoundError, NotADirectoryError):
                self._texts[path] = None
            except PermissionError as error:
                raise NotObservable(f"reading {path} needs root") from error
            except OSError as error:
                raise NotObservable(f"{path} cannot be read: {error.strerror}") from error
        return self._texts[path]

    def _text(self, path: str) -> str | None:
        place = self.at(path)
        # Looked at before it is opened: opening alone makes some devices act.
        info = os.stat(place)
        if stat.S_ISDIR(info.st_mode):
            return None
        if stat.S_ISCHR(info.st_mode) and info.st_rdev == os.makedev(1, 3):
            return ""  # /dev/null, which a masked unit links to
        if not stat.S_ISREG(info.st_mode):
            raise NotObservable(f"{path} is no regular file")
        # What the kernel makes up, as below /proc, has no size; below /proc/sys it refuses to fill a large buffer.
        if info.st_size > LARGEST:
            raise NotObservable(f"{path} has {info.st_size} bytes, more than a configuration can have")
        with open(place, encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def listdir(self, path: str) -> list[str]:
        """The sorted names in a folder, none when it does not exist."""
        try:
            return sorted(os.listdir(self.at(path)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as error:
            raise NotObservable(f"listing {path} needs root") from error

    def has(self, command: str) -> bool:
        """Whether a command is installed."""
        return shutil.which(command, path=self.path) is not None

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        """Run a read-only command once a run of checks; NotObservable when it is missing, forbidden or hangs."""
        key = (argv, stdin)
        if key not in self._runs:
            if needs_root and not self.is_root:
                raise NotObservable(f"{argv[0]} needs root")
            command = shutil.which(argv[0], path=self.path)
            if command is None:
                raise NotObservable(f"{argv[0]} is not installed")
            try:
                done = subprocess.run(
                    [command, *argv[1:]],
                    input=stdin,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=self.timeout,
                    check=False,
                    env={"PATH": self.path, "LC_ALL": "C", "TZ": "UTC"},
                )
            except subprocess.TimeoutExpired as error:
                raise NotObservable(f"{' '.join(argv)} gave no answer in {self.timeout:g} s") from error
            except OSError as error:
                raise NotObservable(f"{argv[0]} cannot be run: {error.strerror}") from error
            self._runs[key] = Completed(done.returncode, done.stdout, done.stderr)
        return self._runs[key]

    @property
    def in_container(self) -> bool:
        """Whether this is a container, whose kernel belongs to somebody else."""
        if os.path.exists(self.at("/run/.containerenv")) or os.path.exists(self.at("/.dockerenv")):
            return True
        return bool((self.read("/run/systemd/container") or "").strip())
