# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How passwords age: the accounts with a password, from the texts of /etc/passwd, /etc/shadow and /etc/login.defs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: What nobody gets a shell by.
_CLOSED = ("", "false", "halt", "nologin", "shutdown", "sync")
#: The settings of login.defs, in the order of Ages' first three numbers.
KEYS = ("PASS_MAX_DAYS", "PASS_MIN_DAYS", "PASS_WARN_AGE")


@dataclass(frozen=True)
class Ages:
    """Days: at most, at least, warning; and the day of the last change since 1970. None: not set."""

    maximum: int | None
    minimum: int | None
    warning: int | None
    changed: int | None


def _days(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) and int(text) >= 0 else None


def defaults(text: str) -> dict[str, str]:
    """The settings of login.defs, by key; of a key that is there twice the last counts."""
    pairs = re.findall(r"^[ \t]*([A-Z][A-Z0-9_]*)[ \t]+(\S+)", text, re.MULTILINE)
    return dict(pairs)


def with_passwords(passwd: str, shadow: str, login_defs: str, exempt: Iterable[str] = ()) -> dict[str, Ages]:
    """The accounts that somebody can log in to with a password, without the exempt ones.

    All from UID_MIN on, however high, root, and those of the system that have a login shell. A UID_MIN above Debian's
    hides nobody.
    """
    least = min(_days(defaults(login_defs).get("UID_MIN", "")) or 1000, 1000)
    people = set()
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) != 7 or not fields[2].isdigit():
            continue
        # Without a shell named, login takes /bin/sh.
        shell = (fields[6].strip() or "/bin/sh").rsplit("/", 1)[-1]
        if int(fields[2]) == 0 or int(fields[2]) >= least or shell not in _CLOSED:
            people.add(fields[0])
    found = {}
    for line in shadow.splitlines():
        fields = line.split(":")
        if len(fields) < 8 or fields[0] not in people or fields[0] in set(exempt) or fields[1][:1] in ("!", "*"):
            continue
        found[fields[0]] = Ages(_days(fields[4]), _days(fields[3]), _days(fields[5]), _days(fields[2]))
    return found
