# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs and libraries that are not what their package delivered, by dpkg's own sums."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from . import _packaged
from .base import Host

#: Where what is run or loaded lies; nobody runs manuals.
_PLACES = ("/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/bin/", "/sbin/", "/lib")
#: Bytes. Browsers are the largest programs.
_LARGEST = 1 << 30
_DIVERSIONS = "/var/lib/dpkg/diversions"


def altered(host: Host, packages: Iterable[str]) -> list[str]:
    """The files of packages that hold something else, or are gone.

    What was not touched since dpkg wrote down the package's sums is not read, so that this costs little on every audit.
    Who can set the time of an inode can forge the sums too; that is what a baseline on another host is for.
    """
    diverted = _diverted(host)
    found = set()
    for package in sorted(set(packages)):
        for source in _packaged.sums_files(host, package):
            written = os.stat(host.at(source)).st_ctime
            for path, digest in _packaged.sums_of(host, source).items():
                if path.startswith(_PLACES) and path not in diverted and _differs(host, path, digest, written):
                    found.add(path)
    return sorted(found)


def _differs(host: Host, path: str, digest: str, written: float) -> bool:
    try:
        info = os.stat(host.at(path))
    except OSError:
        return True
    return info.st_ctime > written and _packaged.sum_of(host, path, _LARGEST) != digest


def _diverted(host: Host) -> set[str]:
    """The paths at which a package put a file of its own in the place of another's."""
    lines = (host.read(_DIVERSIONS) or "").splitlines()
    return set(_by_packages(zip(lines[0::3], lines[2::3])))


def _by_packages(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for path, package in entries:
        # A colon stands for an administrator's own diversion.
        if package != ":":
            yield path
