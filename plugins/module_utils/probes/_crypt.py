# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password hashes by this host's own libcrypt, in threads: it is C code, and ctypes lets go of the interpreter's lock.

Python's module ``crypt`` is gone since 3.13, and it knew yescrypt only where libcrypt did. This asks libcrypt itself,
so every scheme that a login on this host accepts is tried the same way here.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .base import NotObservable

#: struct crypt_data: 32 KiB in libxcrypt, 128 KiB in the libcrypt of glibc.
_DATA = 256 * 1024
_LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")


class Unhashable(Exception):
    """This host's libcrypt does not know the scheme of a hash: nobody can log in with it, and it cannot be checked."""


class LibCrypt:
    """crypt(3) of this host, safe to use from several threads. Raises NotObservable when there is none."""

    def __init__(self) -> None:
        for name in _LIBRARIES:
            try:
                self._library = ctypes.CDLL(name)
                break
            except OSError:
                continue
        else:
            raise NotObservable("this host has no libcrypt")
        self._crypt = self._library.crypt_r
        self._crypt.restype = ctypes.c_char_p
        self._crypt.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
        self._buffers = threading.local()

    def hash(self, password: str, setting: str) -> str:
        """The hash of a password with the scheme and salt of ``setting``, which may be a hash. Raises Unhashable."""
        if not hasattr(self._buffers, "data"):
            self._buffers.data = ctypes.create_string_buffer(_DATA)
        answer = self._crypt(password.encode(), setting.encode(), self._buffers.data)
        if not answer or answer.startswith(b"*"):
            raise Unhashable
        return bytes(answer).decode(errors="replace")

    def matches(self, password: str, hashed: str) -> bool:
        """Whether a password has this hash. Raises Unhashable."""
        return self.hash(password, hashed) == hashed

    def setting(self) -> str:
        """A new salt of the scheme and cost that this host's libcrypt finds best. Raises Unhashable."""
        output = ctypes.create_string_buffer(256)
        make = self._library.crypt_gensalt_rn
        make.restype = ctypes.c_char_p
        make.argtypes = (
            ctypes.c_char_p,
            ctypes.c_ulong,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_int,
        )
        answer = make(None, 0, None, 0, output, len(output))
        if not answer:
            raise Unhashable
        return bytes(answer).decode()


@dataclass
class GuessResult:
    """hits: name -> the password of it that was found. unhashable: names. left: names not tried to the end in time."""

    hits: dict[str, str] = field(default_factory=dict)
    unhashable: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    hashed: int = 0


def try_passwords(
    hashes: Mapping[str, str],
    candidates: Mapping[str, Sequence[str]],
    *,
    seconds: float,
    library: LibCrypt | None = None,
) -> GuessResult:
    """Try candidates against hashes until the time is up, the first candidate of every name before any second one.

    hashes: name -> hash. candidates: name -> passwords, the likeliest first. Names with the same hash share the work:
    accounts that were cloned with an image have the same salt.
    """
    crypt = library or LibCrypt()
    end = time.monotonic() + seconds
    tried = GuessResult()
    groups: dict[str, list[str]] = {}
    for name, hashed in hashes.items():
        groups.setdefault(hashed, []).append(name)
    lists = {
        hashed: list(dict.fromkeys(one for name in names for one in candidates.get(name, ())))
        for hashed, names in groups.items()
    }

    def attempt(pair: tuple[str, str]) -> bool | str | None:
        """Whether it matches, "unhashable", or None when there was no time for it."""
        hashed, password = pair
        try:
            return crypt.matches(password, hashed) if time.monotonic() < end else None
        except Unhashable:
            return "unhashable"

    with ThreadPoolExecutor(max_workers=min(32, os.cpu_count() or 1)) as pool:
        for turn in range(max(map(len, lists.values()), default=0)):
            todo = [(hashed, listed[turn]) for hashed, listed in lists.items() if turn < len(listed)]
            for (hashed, password), outcome in zip(todo, pool.map(attempt, todo)):
                _note(tried, groups[hashed], password, outcome)
                tried.hashed += outcome in (True, False)
                if outcome is not False:
                    # Found, unknown or out of time: no more of this one.
                    lists[hashed] = []
    return tried


def _note(tried: GuessResult, names: Iterable[str], password: str, outcome: bool | str | None) -> None:
    if outcome is True:
        tried.hits.update(dict.fromkeys(names, password))
    elif outcome is None:
        tried.left.update(names)
    elif outcome == "unhashable":
        tried.unhashable.update(names)
