# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs and libraries that are not what their package delivered, by dpkg's own sums, and what is loaded before them.

Looked at are the packages that somebody names and the libraries that these depend on by name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator

from . import _packaged
from .base import Host

#: Where what is run or loaded lies; nobody runs manuals.
_PLACES = ("/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/bin/", "/sbin/", "/lib", "/opt/")
#: Bytes. Browsers are the largest programs.
_LARGEST = 1 << 30
_DIVERSIONS = "/var/lib/dpkg/diversions"
#: What every program loads first, and where the loader looks for libraries before it looks where packages put theirs.
_PRELOAD, _FIRST = "/etc/ld.so.preload", "/usr/local/lib"


def altered(host: Host, packages: Iterable[str]) -> list[str]:
    """The files of packages that hold something else, or are gone, and what the loader takes in their place.

    What was not touched since dpkg wrote down the package's sums is not read, so that this costs little on every audit.
    Who can set the time of an inode can forge the sums too; that is what a baseline on another host is for.
    """
    named = set(packages)
    if not named:
        return []
    if "programs" not in host.kept:
        host.kept["programs"] = _Look(host)
    look: _Look = host.kept["programs"]
    found = {path for package in named | look.libraries(named) for path in look.package(package)}
    found |= set(look.loaded_first())
    return sorted(found)


class _Look:
    """One look at a host, shared by all checks of a run: what is read once for every package."""

    def __init__(self, host: Host) -> None:
        self.host = host
        lines = (host.read(_DIVERSIONS) or "").splitlines()
        #: By path: where the file of the package went, and the package that put its own there; a colon is a person.
        self.diverted = {path: (to, by) for path, to, by in zip(lines[0::3], lines[1::3], lines[2::3])}
        self.mounted = tuple(_mounts(host))
        self.root = os.path.realpath(host.root).rstrip("/")
        self.info = _packaged.info(host)
        self.folders: dict[str, str] = {}
        self.found: dict[str, set[str]] = {}
        self.stems: set[str] = set()

    def libraries(self, packages: Iterable[str]) -> set[str]:
        """The libraries that packages depend on by name."""
        if not self.host.has("dpkg-query"):
            return set()
        layout = "${Pre-Depends}, ${Depends}\n"
        text = self.host.run("dpkg-query", "--show", "--showformat", layout, *sorted(packages)).stdout
        return set(re.findall(r"(?<![\w.+-])lib[a-z0-9][\w.+-]*", text))

    def package(self, package: str) -> set[str]:
        """What differs of one package; nothing of one that is not installed."""
        if package not in self.found:
            self.found[package] = set(self._package(package))
        return self.found[package]

    def _package(self, package: str) -> Iterator[str]:
        bare = package.split(":", maxsplit=1)[0]
        sources = self.info.get((bare, "md5sums"), [])
        if not sources:
            # Installed, and somebody took its sums away: a package with programs has some.
            yield from (path for path in self.info.get((bare, "list"), []) if self._has_programs(path))
        for source in sources:
            written = os.stat(self.host.at(source)).st_ctime
            for path, digest in _packaged.sums_of(self.host, source).items():
                if path.startswith(_PLACES):
                    yield from self._file(package, path, digest, written)
                    name, dot, _version = os.path.basename(path).partition(".so")
                    self.stems |= {name} if dot else set()

    def _has_programs(self, path: str) -> bool:
        names = (self.host.read(path) or "").splitlines()
        return any(
            name.startswith(_PLACES) and os.path.isfile(self.host.at(name)) and not os.path.islink(self.host.at(name))
            for name in names
        )

    def _file(self, package: str, path: str, digest: str, written: float) -> Iterator[str]:
        to, by = self.diverted.get(path, ("", package))
        others = self._sums(by) if by not in (package, ":") else {}
        # Another package's own file stands there, and this one's where it was diverted to.
        wanted = [(path, others[path]), (to, digest)] if path in others else [(path, digest)]
        yield from (name for name, each in wanted if self._differs(name, each, -1.0 if others else written))

    def _sums(self, package: str) -> dict[str, str]:
        sources = self.info.get((package, "md5sums"), [])
        return {path: digest for one in sources for path, digest in _packaged.sums_of(self.host, one).items()}

    def _differs(self, path: str, digest: str, written: float) -> bool:
        try:
            info = os.lstat(self.host.at(path))
        except OSError:
            return True
        # dpkg has sums of regular files alone: a link stands in the place of one, and may lead to any older file.
        if not stat.S_ISREG(info.st_mode) or not self._in_place(os.path.dirname(path)):
            return True
        # So may what is mounted over it.
        covered = path.startswith(self.mounted) or f"/usr{path}".startswith(self.mounted)
        untouched = info.st_ctime <= written and not covered
        return not untouched and _packaged.sum_of(self.host, path, _LARGEST) != digest

    def _in_place(self, folder: str) -> bool:
        """Whether a folder is what its name says, or that of the same name below /usr."""
        if folder not in self.folders:
            self.folders[folder] = os.path.realpath(self.host.at(folder))
        return self.folders[folder] in (f"{self.root}{folder}", f"{self.root}/usr{folder}")

    def loaded_first(self) -> Iterator[str]:
        """What every program loads, and libraries with the name of a package's that the loader finds before it."""
        if (self.host.read(_PRELOAD) or "").strip():
            yield _PRELOAD
        for folder in (_FIRST, *(f"{_FIRST}/{name}" for name in self.host.listdir(_FIRST) if "linux" in name)):
            for name in self.host.listdir(folder):
                stem, dot, _version = name.partition(".so")
                if dot and stem in self.stems:
                    yield f"{folder}/{name}"


def _mounts(host: Host) -> Iterator[str]:
    """Files and folders of programs that something else is mounted on."""
    for line in (host.read("/proc/self/mountinfo") or "").splitlines():
        parts = line.split()
        if len(parts) > 4 and f"{parts[4]}/".startswith(_PLACES):
            yield parts[4].replace("\\040", " ")
