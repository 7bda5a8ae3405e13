# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as CSV (RFC 4180) whose cells no spreadsheet evaluates."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# A spreadsheet takes text that begins with one of these for a formula, whoever wrote it. It leaves out spaces of every
# sort before it, and in some languages the wide signs mean the same. Where decimals have a comma, cells are parted by a
# semicolon, so that what follows one begins a cell too.
_BLANK, _SIGN = "[\\s\u200b-\u200d\u2060\ufeff]*", "[=+@\\-\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(f"{_BLANK}{_SIGN}|[\t\r\n]")
_FURTHER = re.compile(f"([;\t\r\n])(?={_BLANK}{_SIGN})")


def inert(value: Any) -> Any:
    """A cell that no spreadsheet evaluates: what would be a formula gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    return ("'" if _FORMULA.match(value) else "") + _FURTHER.sub(r"\1'", value)


def text(rows: Iterable[Iterable[Any]]) -> str:
    """The rows, each ended by CR and LF; None is an empty cell."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue()
