# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters of PostgreSQL as Debian keeps them: which there are, what their files say, how the server itself is asked.

The files are read here only to learn who says what; what counts in the end is asked of the server's own programs.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .base import Completed, Host, NotObservable

FOLDER = "/etc/postgresql"
LIBRARIES = "shared_preload_libraries"
_LINE = re.compile(r"\s*([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?)\s*(?:=\s*)?('(?:[^'\\]|''|\\.)*'|[^\s#']+)")
_ASKED = "select name, setting from pg_settings where name in ('shared_preload_libraries', 'auth_delay.milliseconds')"
_UNITS = {"": 1, "us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
#: How deep the server itself follows includes.
_DEPTH = 10


@dataclass(frozen=True)
class Cluster:
    """One cluster. ``text`` is how Debian's tools and people call it: 15/main."""

    version: str
    name: str

    @property
    def text(self) -> str:
        """Version and name."""
        return f"{self.version}/{self.name}"

    @property
    def folder(self) -> str:
        """Where its files are."""
        return f"{FOLDER}/{self.version}/{self.name}"

    @property
    def programs(self) -> str:
        """Where the programs and libraries of its version are."""
        return f"/usr/lib/postgresql/{self.version}"


@dataclass(frozen=True)
class Setting:
    """One line of a file that sets something."""

    name: str
    value: str
    path: str


@dataclass
class Files:
    """What the files of a cluster say, in the order in which the server reads them, and which files those are."""

    settings: list[Setting] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def last(self, name: str, *, without: str = "") -> Setting | None:
        """The line that counts for a setting; ``without``: as if this file were not there."""
        found = [one for one in self.settings if one.name == name and one.path != without]
        return found[-1] if found else None


def clusters(host: Host) -> list[Cluster]:
    """The clusters that are set up on this host."""
    return [
        Cluster(version, name)
        for version in host.listdir(FOLDER)
        for name in host.listdir(f"{FOLDER}/{version}")
        if host.read(f"{FOLDER}/{version}/{name}/postgresql.conf") is not None
    ]


def files(host: Host, cluster: Cluster, planned: Mapping[str, str] | None = None) -> Files:
    """Read the files of a cluster. planned: files as they will be, path -> text."""
    found = Files()
    _read(host, f"{cluster.folder}/postgresql.conf", planned or {}, found, 0)
    # What ALTER SYSTEM wrote comes last, and wins.
    _read(host, f"{_data(found, cluster)}/postgresql.auto.conf", planned or {}, found, 0)
    return found


def _data(found: Files, cluster: Cluster) -> str:
    told = found.last("data_directory")
    return told.value if told else f"/var/lib/postgresql/{cluster.version}/{cluster.name}"


def _read(host: Host, path: str, planned: Mapping[str, str], found: Files, depth: int) -> None:
    text = planned[path] if path in planned else host.read(path)
    if text is None or depth > _DEPTH:
        return
    found.read.append(path)
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        name, value = match[1].lower(), _plain(match[2])
        beside = os.path.normpath(os.path.join(os.path.dirname(path), value))
        if name in ("include", "include_if_exists"):
            _read(host, beside, planned, found, depth + 1)
        elif name == "include_dir":
            names = {
                *host.listdir(beside),
                *(os.path.basename(one) for one in planned if os.path.dirname(one) == beside),
            }
            for entry in sorted(one for one in names if one.endswith(".conf") and not one.startswith(".")):
                _read(host, f"{beside}/{entry}", planned, found, depth + 1)
        else:
            found.settings.append(Setting(name, value, path))


def _plain(word: str) -> str:
    return re.sub(r"''|\\(.)", lambda match: match[1] or "'", word[1:-1]) if word.startswith("'") else word


def names(libraries: str) -> list[str]:
    """The libraries of such a list, without the folder that the server looks in anyway."""
    words = re.findall(r'"(?:[^"]|"")*"|[^\s,"]+', libraries)
    return [word.strip('"').removeprefix("$libdir/").removesuffix(".so") for word in words]


def milliseconds(text: str) -> float:
    """A time as the server takes it, such as 4000 or 4s; 0 for what is none."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text)
    return float(match[1]) * _UNITS.get(match[2], 0) if match else 0.0


def owner(host: Host, cluster: Cluster) -> str:
    """The user that the server runs as, to whom its files belong."""
    try:
        return pwd.getpwuid(os.stat(host.at(f"{cluster.folder}/postgresql.conf")).st_uid).pw_name
    except (OSError, KeyError) as error:
        raise NotObservable(f"whom the cluster {cluster.text} belongs to cannot be told: {error}") from error


def as_started(host: Host, cluster: Cluster, name: str) -> str:
    """What a setting would be after the next start, worked out by the server's own program; '' when it is not set."""
    config = f"{cluster.folder}/postgresql.conf"
    program = f"{cluster.programs}/bin/postgres"
    argv = ("runuser", "-u", owner(host, cluster), "--", program, "-C", name, "-c", f"config_file={config}")
    done = host.run(*argv, needs_root=True)
    if done.rc == 0:
        return done.stdout.strip()
    if "unrecognized configuration parameter" in done.stderr:
        return ""
    raise NotObservable(f"postgres -C cannot read the files of {cluster.text}: {_reason(done)}")


def online(host: Host) -> dict[str, str]:
    """The clusters that run, version/name -> port."""
    done = host.run("pg_lsclusters", "-h")
    if done.rc != 0:
        raise NotObservable(f"pg_lsclusters: {_reason(done)}")
    rows = [line.split() for line in done.stdout.splitlines()]
    return {f"{row[0]}/{row[1]}": row[2] for row in rows if len(row) > 3 and row[3].startswith("online")}


def running(host: Host, cluster: Cluster) -> dict[str, str]:
    """The libraries that the running server has loaded, and the pause of auth_delay in milliseconds where it is one."""
    argv = ("runuser", "-u", owner(host, cluster), "--", "psql", "--cluster", cluster.text)
    done = host.run(*argv, "-XAtqw", "-F", "\t", "-d", "postgres", "-c", _ASKED, needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"postgresql {cluster.text} cannot be asked: {_reason(done)}")
    return dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)


def _reason(done: Completed) -> str:
    return ((done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"])[-1]
