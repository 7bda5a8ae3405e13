# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps card numbers and endless texts out of everything that is stored.

It runs on the host, before an observation leaves it, and again on the controller over what the controller adds.
"""

from __future__ import annotations

import re
from typing import Any

MAX_TEXT = 2000  # characters of one text
MAX_ITEMS = 200  # items of one list or mapping
MAX_DEPTH = 8

# Digits that may be one number or several: single spaces and dashes are how people write card numbers.
_RUN = re.compile(r"[0-9](?:[ -]?[0-9]){12,}")
_LENGTHS = range(19, 12, -1)


def luhn(digits: str) -> bool:
    """Whether a text of ASCII digits ends in the check digit that card numbers carry."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        if position % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def looks_like_card(digits: str) -> bool:
    """Whether digits have the length, the first digits and the check digit of a payment card's number."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    return (digits[0] in "3456" or 2221 <= int(digits[:4]) <= 2720) and luhn(digits)


def _may_cut(text: str) -> list[bool]:
    """For each gap before, between and after the digits of a run: whether a number may begin or end there.

    That is at a separator, and anywhere in a block of more than 19 digits, which must be several numbers.
    """
    gaps: list[bool] = []
    for block in re.split("[ -]", text):
        gaps += [True] + [len(block) > 19] * (len(block) - 1)
    return [*gaps, True]


def _mask_run(run: re.Match[str]) -> str:
    """Mask the card numbers in one run of digits, the longest first, and leave the rest as it is."""
    text, may_cut = run.group(), _may_cut(run.group())
    places = [place for place, character in enumerate(text) if character not in " -"]
    digits = "".join(text[place] for place in places)
    masked, first = list(text), 0
    while first <= len(digits) - 13:
        ends = (first + length for length in _LENGTHS if may_cut[first] and first + length <= len(digits))
        end = next((end for end in ends if may_cut[end] and looks_like_card(digits[first:end])), 0)
        for place in places[first : max(end - 4, first)]:
            masked[place] = "*"
        first = end or first + 1
    return "".join(masked)


def mask_text(text: str) -> str:
    """The text with all but the last four digits of every card number starred."""
    return _RUN.sub(_mask_run, text)


def clean(value: Any, depth: int = 0) -> Any:
    """A JSON value made fit for storing: numbers masked, texts and lists cut with a word on what is missing.

    Integers long enough to be a card number become masked texts. What JSON does not know becomes its text.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        text = str(value)
        masked = mask_text(text)
        return value if masked == text else masked
    if isinstance(value, dict):
        return _clean_dict(value, depth)
    if isinstance(value, (list, tuple)):
        return _clean_list(value, depth)
    text = mask_text(str(value))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… [{len(text) - MAX_TEXT} characters more]"


def _clean_dict(value: dict[Any, Any], depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return "… [nested too deep]"
    kept = {mask_text(str(key)): clean(item, depth + 1) for key, item in list(value.items())[:MAX_ITEMS]}
    if len(value) > MAX_ITEMS:
        kept["…"] = f"{len(value) - MAX_ITEMS} keys more"
    return kept


def _clean_list(value: list[Any] | tuple[Any, ...], depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return "… [nested too deep]"
    kept = [clean(item, depth + 1) for item in value[:MAX_ITEMS]]
    if len(value) > MAX_ITEMS:
        kept.append(f"… [{len(value) - MAX_ITEMS} items more]")
    return kept
