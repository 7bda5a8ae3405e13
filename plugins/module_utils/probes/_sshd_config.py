# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd makes of all its files, line by line: of several lines the first counts, and a Match block overrides it.

sshd itself is asked what settings mean (``sshd -T``); the files are read to say which line decides, and to ask it for
each Match block what holds for those whom the block is for.
"""

from __future__ import annotations

import fnmatch
import glob
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import expect
from ._sshd_ports import TEST
from .base import Host, NotObservable

MAIN = "/etc/ssh/sshd_config"
_FOLDER = "/etc/ssh"
#: As in OpenSSH.
_DEEPEST = 16
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$")
#: Settings of several numbers, which are observed one by one as well, as KEY_NAME.
_STARTUPS = ("start", "rate", "full")
_SHELL = "session:shell"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True)
class Line:
    """One setting. block: the Match block that it stands in, '' outside; as ``FILE:LINE CRITERIA``."""

    path: str
    number: int
    keyword: str
    text: str
    block: str = ""

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.path}:{self.number}"


class Files:
    """The configuration of a host, with files that are about to be written in the place of those there are."""

    def __init__(self, host: Host, pending: Mapping[str, str] | None = None) -> None:
        self.host = host
        self.pending = dict(pending or {})
        self.lines = list(self._read(MAIN, "", 0))

    def _read(self, path: str, block: str, depth: int) -> Iterator[Line]:
        text = self.pending[path] if path in self.pending else self.host.read(path)
        for number, raw in enumerate((text or "").splitlines(), 1):
            match = _LINE.match(raw)
            if match is None:
                continue
            keyword, rest = match[1].lower(), match[2]
            if keyword == "match":
                block = f"{path}:{number} {rest}"
            elif keyword == "include":
                for included in self._included(rest) if depth < _DEEPEST else ():
                    # A Match block in an included file ends with it.
                    yield from self._read(included, block, depth + 1)
            else:
                yield Line(path, number, keyword, raw.strip(), block)

    def _included(self, patterns: str) -> list[str]:
        found: list[str] = []
        for word in _words(patterns):
            pattern = word if word.startswith("/") else f"{_FOLDER}/{word}"
            prefix = "" if self.host.root == "/" else self.host.root.rstrip("/")
            paths = {path[len(prefix) :] for path in glob.glob(prefix + pattern)}
            paths |= {
                path
                for path in self.pending
                if fnmatch.fnmatchcase(path, pattern) and path.count("/") == pattern.count("/")
            }
            found += sorted(paths)
        return found

    def deciding(self, keyword: str) -> Line | None:
        """The line that decides outside Match blocks."""
        return next((line for line in self.lines if line.keyword == keyword and not line.block), None)

    def blocks(self, keywords: Iterable[str]) -> dict[str, list[Line]]:
        """Match blocks that set one of these, with those lines."""
        wanted = set(keywords)
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.block and line.keyword in wanted:
                found.setdefault(line.block, []).append(line)
        return found

    def effective(self, block: str = "") -> dict[str, str]:
        """What sshd says of the lines outside Match blocks, or of those of one block before them."""
        inside = [line for line in self.lines if block and line.block == block]
        outside = [line for line in self.lines if not line.block]
        return ask(self.host, "".join(f"{line.text}\n" for line in inside + outside))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def ask(host: Host, text: str | None = None) -> dict[str, str]:
    """What ``sshd -T`` says of all its files, or of a text: keys in lower case; several lines joined by a space."""
    argv = TEST if text is None else (*TEST, "-f", "/dev/stdin")
    done = host.run(*argv, stdin=text or "", needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"sshd -T: {done.stderr.strip() or done.rc}")
    seen: dict[str, str] = {}
    for line in done.stdout.splitlines():
        key, _space, value = line.partition(" ")
        seen[key.lower()] = f"{seen[key.lower()]} {value}" if key.lower() in seen else value
    return {**seen, **_numbers(seen)}


def unknown(host: Host, keywords: Iterable[str]) -> set[str]:
    """Those of these keywords that this release of sshd does not know."""
    defaults = ask(host, "")
    # Not every one that it knows is shown while it is not set.
    return {
        name
        for name in set(keywords) - set(defaults)
        if "Bad configuration option"
        in host.run("sshd", "-t", "-f", "/dev/null", "-o", f"{name}=?", needs_root=True).stderr
    }


def _numbers(seen: Mapping[str, str]) -> dict[str, str]:
    """The numbers of maxstartups, persourcepenalties and channeltimeout, each under a key of its own."""
    found = {}
    parts = seen.get("maxstartups", "").split(":")
    if len(parts) == len(_STARTUPS):
        found.update({f"maxstartups_{name}": part for name, part in zip(_STARTUPS, parts)})
    for word in seen.get("persourcepenalties", "").split():
        name, colon, number = word.partition(":")
        if colon:
            found[f"persourcepenalties_{name}"] = number
    for word in seen.get("channeltimeout", "").split():
        name, equals, time = word.partition("=")
        # The first pattern that a channel's type matches counts.
        for kind in {name, _SHELL} if fnmatch.fnmatchcase(_SHELL, name) else {name}:
            if equals:
                found.setdefault(f"channeltimeout_{kind}", seconds(time))
    return found


def seconds(text: str) -> str:
    """A time of sshd's such as 1h30m in seconds; what is none stays as it is."""
    parts = re.findall(r"(\d+)([smhdw]?)", text.lower())
    if "".join(number + unit for number, unit in parts) != text.lower():
        return text
    return str(sum(int(number) * _UNITS[unit] for number, unit in parts))


def keyword(key: str) -> str:
    """The keyword of a key such as maxstartups_full."""
    return key.partition("_")[0]


def _said(wanted: Any) -> str:
    if not expect.is_matcher(wanted):
        return str(wanted)
    words = {"min": "at least", "max": "at most", "contains": "with", "matches": "like", "in": "one of"}
    return " and ".join(f"{words.get(name, name)} {bound}" for name, bound in wanted.items())


def _original(key: str, lines: Sequence[Line]) -> str:
    """A keyword as the files write it."""
    return next((line.text.split()[0].partition("=")[0] for line in lines if line.keyword == key), key)


def not_in_force(files: Files, settings: Mapping[str, Any]) -> list[str]:
    """Settings that another line than the expected one decides outside Match blocks: one sentence each."""
    seen = files.effective()
    found = []
    for key in expect.mismatches(seen, settings):
        line = files.deciding(keyword(key))
        hidden = next((one for one in files.lines if one.keyword == keyword(key)), None)
        name = _original(keyword(key), files.lines)
        value = f"{name} is {seen.get(keyword(key), 'not set')}, expected {_said(settings[key])}"
        if line is not None:
            found.append(f"{value}: {line.place} decides it ({line.text})")
        elif hidden is not None:
            found.append(f"{value}: {hidden.place} holds in a Match block only ({hidden.block})")
        else:
            found.append(f"{value}: no file that sshd reads sets it")
    return found


def loosened(files: Files, settings: Mapping[str, Any]) -> list[str]:
    """Settings that a Match block overrides by something that is not as expected: one sentence each."""
    found = []
    for block, lines in files.blocks(map(keyword, settings)).items():
        wrong = expect.mismatches(files.effective(block), settings)
        for key in wrong:
            line = next((one for one in lines if one.keyword == keyword(key)), None)
            if line is not None:
                place, _space, criteria = block.partition(" ")
                found.append(
                    f"{line.place} ({line.text}) overrides it for Match {criteria} ({place}), expected "
                    f"{_said(settings[key])}"
                )
    return found
