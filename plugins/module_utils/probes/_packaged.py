# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are as a package of Debian delivered them, by dpkg's own sums."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable

from .base import LARGEST, Host

_INFO = "/var/lib/dpkg/info"
#: Where packages name files that lie below /usr since the folders were merged.
_MERGED = ("/usr/lib/", "/usr/bin/", "/usr/sbin/")
_CONFFILE = re.compile(r"^ (?P<path>/.+) (?P<sum>[0-9a-f]{32})(?: obsolete| remove-on-upgrade)*$", re.MULTILINE)


def _names(path: str) -> list[str]:
    """The names under which a package may know a file."""
    return [path, path[len("/usr") :]] if path.startswith(_MERGED) else [path]


def owners(host: Host, paths: Iterable[str]) -> dict[str, str]:
    """The package of each path that belongs to one, as dpkg writes its name."""
    asked = {name: path for path in paths for name in _names(path)}
    if not asked or not host.has("dpkg-query"):
        return {}
    found = {}
    for line in host.run("dpkg-query", "--search", *sorted(asked)).stdout.splitlines():
        packages, _colon, name = line.rpartition(": ")
        if name in asked and packages and not packages.startswith("diversion "):
            found[asked[name]] = packages.split(", ")[0]
    return found


def _sums(host: Host, packages: Iterable[str]) -> dict[str, str]:
    """The sum of each file of packages, by path."""
    names = sorted(set(packages))
    if not names:
        return {}
    found: dict[str, str] = {}
    for package in names:
        for one in dict.fromkeys((package, package.split(":")[0])):
            found.update(sums_of(host, f"{_INFO}/{one}.md5sums"))
    listed = host.run("dpkg-query", "--show", "--showformat", "${Conffiles}\\n", *names).stdout
    return found | {match["path"]: match["sum"] for match in _CONFFILE.finditer(listed)}


def info(host: Host) -> dict[tuple[str, str], list[str]]:
    """The files that dpkg keeps of packages, by a package's name without architecture and their kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in host.listdir(_INFO):
        package, _dot, kind = name.rpartition(".")
        found.setdefault((package.split(":")[0], kind), []).append(f"{_INFO}/{name}")
    return found


def sums_of(host: Host, source: str) -> dict[str, str]:
    """The sums in one such file, by path."""
    parts = (line.partition("  ") for line in (host.read(source) or "").splitlines())
    return {f"/{path}": digest for digest, _space, path in parts}


def sum_of(host: Host, path: str, largest: int = LARGEST) -> str | None:
    """The sum of a regular file of at most so many bytes."""
    # dpkg's own sums; they tell what was delivered from what was edited, not what was forged.
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with open(os.open(host.at(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY), "rb") as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode) or info.st_size > largest:
                return None
            for part in iter(lambda: stream.read(1 << 20), b""):
                digest.update(part)
    except OSError:
        return None
    return digest.hexdigest()


def delivered(host: Host, paths: Iterable[str]) -> set[str]:
    """Those of the paths that hold what their package brought; a link is judged by where it leads."""
    real = {path: os.path.realpath(host.at(path)) if os.path.islink(host.at(path)) else path for path in paths}
    owned = owners(host, set(real.values()))
    sums = _sums(host, owned.values())
    return {
        path
        for path, place in real.items()
        if place in owned and sum_of(host, place) in {sums.get(name) for name in _names(place)} - {None}
    }
