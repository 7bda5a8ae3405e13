# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``pam_openings``: lines of the login stacks that can end them well, or skip others, and are nobody's we know.

Parameters: ``types`` (auth, account, password; the first two unless told). Every file of /etc/pam.d is looked at. What
its package brought unchanged is taken as it is; in others a line counts whose answer, whichever, ends the stack (a
``sufficient`` or ``done``), jumps over others or forgets what they said, whatever the module is called. Known are the
lines of the profiles of pam-auth-update that a role keeps or a package brought, and ``sufficient pam_rootok.so``.

Observes ``openings``, each ``FILE: LINE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import _packaged, _pam, _stores
from .base import Host, Observation

_PROFILES = "/usr/share/pam-configs"
_HEADER = re.compile(r"^(?P<type>Auth|Account|Password)(-Initial)?:\s*$")
_JUMP = re.compile(r"=(end|\d+)\b")
#: A person who is root already.
_ROOT = "sufficient pam_rootok.so"


def observe(host: Host, parameters: Mapping[str, Any]) -> Observation:
    """Compare every line that counts with those that are known."""
    types = [str(name) for name in parameters.get("types") or ("auth", "account")]
    known = _known(host)
    paths = [path for folder in _pam.FOLDERS for path in _files(host, folder)]
    as_brought = _packaged.delivered(host, paths)
    openings = [
        f"{path}: {kind} {entry.text}"
        for path in paths
        if path not in as_brought
        for kind in types
        for entry in _pam.own_lines(host, path, kind)
        if _opens(entry) and not known.has(kind, entry)
    ]
    return Observation({"openings": openings}, " ".join(_pam.FOLDERS))


def _files(host: Host, folder: str) -> list[str]:
    return [path for name in host.listdir(folder) if host.read(path := f"{folder}/{name}") is not None]


def _opens(entry: _pam.Entry) -> bool:
    """Whether any answer of the module ends the stack well, jumps, or forgets what others said."""
    return any(action in ("done", "reset") or action.isdigit() for action in entry.actions.values())


class _Known:
    """Lines by type; jumps have no length, as pam-auth-update works it out."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, str]] = set()
        self.modules: set[tuple[str, str, str]] = set()

    def add(self, kind: str, entry: _pam.Entry) -> None:
        """Know a line."""
        self.lines.add((kind, _without_length(entry.text)))
        self.modules.add((kind, _without_length(entry.control), entry.name))

    def has(self, kind: str, entry: _pam.Entry) -> bool:
        """Whether a line is known. What checks a password may have arguments of its own: those are other checks'."""
        checks = (kind, _without_length(entry.control), entry.name) in self.modules and entry.name in _pam.VERIFIERS
        return checks or (kind, _without_length(entry.text)) in self.lines or entry.text == _ROOT


def _without_length(text: str) -> str:
    return _JUMP.sub("=end", text)


def _known(host: Host) -> _Known:
    """The lines of the profiles that a role keeps or a package brought unchanged."""
    found = _Known()
    paths = _files(host, _PROFILES)
    kept = _stores.kept(host)
    for path in [path for path in paths if path in kept] + sorted(_packaged.delivered(host, set(paths) - kept)):
        for kind, entry in _profile(host.read(path) or ""):
            found.add(kind, entry)
    return found


def _profile(text: str) -> Iterator[tuple[str, _pam.Entry]]:
    """The lines of a profile, each with its type."""
    kind = ""
    for line in text.splitlines():
        if not line[:1].isspace():
            header = _HEADER.match(line)
            kind = header["type"].lower() if header else ""
        elif kind:
            found = _pam.words(line.split("#", 1)[0])
            if len(found) >= 2:
                yield kind, _pam.Entry(found[0], found[1], tuple(found[2:]))
