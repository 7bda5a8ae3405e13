# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of ClamAV's database files: the first 512 bytes of a .cvd, .cld or .cud say when it was built.

The header is ``ClamAV-VDB:BUILD TIME:VERSION:SIGNATURES:LEVEL:MD5:SIGNATURE:BUILDER:SECONDS``, filled up with spaces.
Files with bare signatures (.ndb, .hdb …) have none.
"""

from __future__ import annotations

import calendar
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

#: With a header, in the order in which one replaces the other.
SUFFIXES = (".cld", ".cvd", ".cud")

_HEADER = 512
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2})-(\d{2}) ([+-])(\d{2})(\d{2})")


@dataclass(frozen=True)
class Header:
    """One database: its file's name, its version and when it was built, in seconds since the epoch."""

    file: str
    version: int
    built: float


def parse_time(text: str) -> float | None:
    """The seconds since the epoch of ``21 Nov 2026 22-27 +0000``; None when it is something else."""
    found = _TIME.fullmatch(text)
    if not found or found[2] not in _MONTHS:
        return None
    day, month, year, hour, minute = int(found[1]), _MONTHS.index(found[2]) + 1, found[3], found[4], found[5]
    offset = (int(found[7]) * 60 + int(found[8])) * 60 * (1 if found[6] == "+" else -1)
    if not 1 <= day <= calendar.monthrange(int(year), month)[1] or int(hour) > 23 or int(minute) > 59:
        return None
    return calendar.timegm((int(year), month, day, int(hour), int(minute), 0)) - offset


def parse(file: str, head: bytes) -> Header | None:
    """The header in the first bytes of a file; None when it has none that can be read."""
    fields = head[:_HEADER].decode("ascii", errors="replace").rstrip().split(":")
    if len(fields) < 8 or fields[0] != "ClamAV-VDB" or not fields[2].isdigit():
        return None
    built = parse_time(fields[1])
    return None if built is None else Header(file, int(fields[2]), built)


def databases(folder: str, names: Iterable[str]) -> tuple[list[Header], list[str]]:
    """The databases of these names (without suffix) in a folder, and those of their files without a readable header.

    Raises OSError when a file or the folder may not be read.
    """
    headers, unreadable = [], []
    present = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    for name in names:
        for file in (name + suffix for suffix in SUFFIXES):
            if file not in present:
                continue
            with open(os.path.join(folder, file), "rb") as stream:
                header = parse(file, stream.read(_HEADER))
            if header is None:
                unreadable.append(file)
            else:
                headers.append(header)
    return headers, unreadable


def iso(seconds: float) -> str:
    """A time as ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
