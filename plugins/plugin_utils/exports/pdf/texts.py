# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as texts that can be printed, whoever wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_MOST = 1200  # characters of one value; the bundle has the rest
# What has no glyph, and what would let a text be read in another order than it was written.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]|[\ud800-\udfff]"
)


def printable(value: Any) -> Any:
    """A text without characters that cannot be printed; everything else, markup of ours included, as it is."""
    ours = hasattr(value, "__html__")  # what a template made
    return _UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) and not ours else value


def shortened(text: str) -> str:
    """A text of at most _MOST characters, with a word on what is missing."""
    return text if len(text) <= _MOST else f"{text[:_MOST]}… [{len(text) - _MOST} characters more in the bundle]"


def plain(value: Any) -> str:
    """A value in one text: texts as they are, everything else as JSON."""
    return shortened(value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False))


def line(value: Any) -> str:
    """An expectation or an observation in one text, key by key; empty when there is none."""
    if isinstance(value, Mapping):
        return "; ".join(f"{shortened(str(key))}: {plain(value[key])}" for key in sorted(value, key=str))
    return "" if value is None else plain(value)


def words(name: str) -> str:
    """The name of a status in words."""
    return name.replace("_", " ")


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
