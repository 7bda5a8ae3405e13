# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs apt-get and its companions: by words, in English, without questions, and never for a terminal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_HELPER = "/usr/lib/apt/apt-helper"
_UNKNOWN = re.compile(
    r"^E: (?:Unable to locate package (\S+)|Package '([^']+)' has no installation candidate)", re.MULTILINE
)
_LOCKED = re.compile(r"Could not get lock|Unable to lock directory|Unable to acquire the dpkg")

#: What every call is given. A server that drops packets must not hold a run for the half hour that apt would wait.
_OPTIONS = {
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "20",
    "Acquire::https::Timeout": "20",
    "APT::Update::Error-Mode": "any",
    "Dpkg::Use-Pty": "0",
    "Dpkg::Progress-Fancy": "0",
}

#: What a call that only looks is given besides: nothing of the host is written and none of its hooks is run.
_LOOKING = """\
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log::Planner "/dev/null";
Debug::NoLocking "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    rc: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that it said."""
        return self.out + self.err

    def errors(self) -> list[str]:
        """Its own error lines."""
        return [line[2:].strip() for line in self.text.splitlines() if line.startswith("E:")]


@dataclass(frozen=True)
class Places:
    """Where apt keeps its things on this host."""

    lists: str
    sources: str
    parts: str


class NoApt(Exception):
    """There is no apt-get on this host."""


def environment() -> dict[str, str]:
    """What apt-get and the scripts of packages see: no language but C, nobody to ask."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"LC_|LANG", name)}
    return {
        **kept,
        "PATH": _PATH,
        "LC_ALL": "C",
        "DEBIAN_FRONTEND": "noninteractive",
        "DEBIAN_PRIORITY": "critical",
        "APT_LISTCHANGES_FRONTEND": "none",
        "APT_LISTBUGS_FRONTEND": "none",
        "NEEDRESTART_SUSPEND": "1",
        "UCF_FORCE_CONFFOLD": "1",
    }


def execute(argv: Sequence[str]) -> Done:
    """Run a command. Its output goes to files, as daemons that it starts may keep a pipe open for ever."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        # In a session of its own: a connection that breaks must not break the work of dpkg.
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment(),
            cwd="/",
            check=False,
            start_new_session=True,
        )
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", errors="replace"))
    return Done(done.returncode, *texts)


class Apt:
    """apt-get on this host. scratch: a folder for a run that only looks; there lists are fetched into it."""

    def __init__(self, *, lock_timeout: int, scratch: str | None = None, path: str = _PATH) -> None:
        self.path = path
        self.lock_timeout = lock_timeout
        self.scratch = scratch
        self._options = [f"--option={name}={value}" for name, value in _OPTIONS.items()]
        if scratch is not None:
            config = os.path.join(scratch, "apt.conf")
            with open(config, "w", encoding="utf-8") as stream:
                stream.write(_LOOKING)
            self._options += [f"--config-file={config}"]
        else:
            self._options += [f"--option=DPkg::Lock::Timeout={lock_timeout}"]
        self._own_lists = False

    def _program(self, name: str) -> str:
        found = shutil.which(name, path=self.path)
        if found is None:
            raise NoApt(name)
        return found

    def get(self, *words: str, around: Callable[[Sequence[str]], list[str]] = list) -> Done:
        """Run apt-get; while another run has a lock it is waited for. around: makes of its words those to be run."""
        end = time.monotonic() + self.lock_timeout
        argv = [self._program("apt-get"), "--quiet", "--assume-yes", *self._options, *self._lists(), *words]
        while True:
            done = execute(around(argv))
            # apt-get waits for dpkg's lock itself, but not for that of the lists and of the archives.
            if done.rc == 0 or not _LOCKED.search(done.err) or time.monotonic() > end:
                return done
            time.sleep(2)

    def _lists(self) -> list[str]:
        if self.scratch is None or not self._own_lists:
            return []
        return [f"--option=Dir::State::lists={os.path.join(self.scratch, 'lists')}/"]

    def update(self) -> Done:
        """Fetch the package lists, with a scratch folder into that."""
        if self.scratch is not None:
            os.makedirs(os.path.join(self.scratch, "lists", "partial"), exist_ok=True)
            self._own_lists = True
        done = self.get("update")
        if self.scratch is None and done.rc == 0:
            # The files in it are as old as those of the mirror; only this tells when they were fetched.
            os.utime(self.places().lists)
        return done

    def settings(self) -> dict[str, str]:
        """The settings of apt by name."""
        done = execute([self._program("apt-config"), "dump"])
        return dict(re.findall(r'^(\S+) "(.*)";$', done.out, re.MULTILINE))

    def places(self) -> Places:
        """Where lists and sources are."""
        names = {
            "LISTS": "Dir::State::lists/d",
            "SOURCES": "Dir::Etc::sourcelist/f",
            "PARTS": "Dir::Etc::sourceparts/d",
        }
        words = [word for pair in names.items() for word in pair]
        done = execute([self._program("apt-config"), "shell", *words])
        said = dict(word.split("=", 1) for word in shlex.split(done.out) if "=" in word)
        return Places(
            said.get("LISTS") or "/var/lib/apt/lists",
            said.get("SOURCES") or "/etc/apt/sources.list",
            said.get("PARTS") or "/etc/apt/sources.list.d",
        )

    def fetch(self, uri: str, target: str) -> Done | None:
        """Fetch one file the way apt does; None when this host's apt has no program for it."""
        if not os.access(_HELPER, os.X_OK):
            return None
        return execute([_HELPER, *self._options, "download-file", uri, target])


@contextmanager
def scratch_folder(wanted: bool) -> Iterator[str | None]:
    """A folder that goes away again, when one is wanted. Its lists are fetched by apt's own unprivileged user."""
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="ringfence-packages-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103  # apt fetches as a user of its own
        yield folder


def lists_outdated(places: Places) -> str | None:
    """Why the package lists have to be fetched; None when they are there and younger than what they come from."""
    try:
        names = os.listdir(places.lists)
        fetched = os.stat(places.lists).st_mtime
    except FileNotFoundError:
        return "there are no package lists"
    if not any("_Packages" in name for name in names):
        return "there are no package lists"
    try:
        parts = [os.path.join(places.parts, name) for name in os.listdir(places.parts)]
    except FileNotFoundError:
        parts = []
    for path in (places.sources, *parts, places.parts):
        try:
            info = os.stat(path)
        except FileNotFoundError:
            continue
        if max(info.st_mtime, info.st_ctime) > fetched:
            return f"the package lists are older than {path}"
    return None


def removed(done: Done) -> list[str]:
    """The packages that a simulated run would remove."""
    return re.findall(r"^Remv (\S+)", done.out, re.MULTILINE)


def planned(done: Done) -> dict[str, str]:
    """The packages that a simulated run would install, with their versions."""
    return dict(re.findall(r"^Inst (\S+) (?:\[[^]]*\] )?\((\S+)", done.out, re.MULTILINE))


def unknown(done: Done) -> list[str]:
    """The packages for which no source has a candidate."""
    return [one or other for one, other in _UNKNOWN.findall(done.err)]


def to_fetch(done: Done) -> dict[str, int]:
    """The addresses that a run would fetch from, with the sizes, from ``--print-uris``."""
    return {uri: int(size) for uri, size in re.findall(r"^'([^']+)' \S+ (\d+)", done.out, re.MULTILINE)}
