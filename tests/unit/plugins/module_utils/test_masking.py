# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Card numbers and endless values never get through; everything else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils import masking

VISA = "4111111111111111"


def check_digit(digits: str) -> str:
    """The digit that makes a number valid."""
    return next(str(digit) for digit in range(10) if masking.luhn(digits + str(digit)))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (VISA, "************1111"),
        ("pan=4111-1111-1111-1111;", "pan=****-****-****-1111;"),
        ("4111 1111 1111 1111 123", "**** **** **** 1111 123"),
        ("378282246310005", "***********0005"),
        ("2221000000000009 and 6011111111111117", "************0009 and ************1117"),
        ("4111 1111 1111 1111 4012 8888 8888 1881", "**** **** **** 1111 **** **** **** 1881"),
        (f"7{VISA}999999", "7************1111999999"),
        (f";{VISA}=29121011234567890?", ";************1111=29121011234567890?"),
    ],
)
def test_card_numbers_keep_four_digits(text: str, masked: str) -> None:
    assert masking.mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "0000000000000000",
        "20261121T214100Z",
        "1732224000123456789",
        "10.60.10.254",
        "1234567890123456",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masking.mask_text(text) == text


@given(
    st.sampled_from(["4", "51", "55", "34", "37", "6011", "2221", "2720", "30"]),
    st.text("0123456789", min_size=12, max_size=12),
    st.sampled_from(["", " ", "-"]),
    st.text("abc {}:,.\n", max_size=5),
)
def test_no_valid_number_survives(prefix: str, rest: str, separator: str, around: str) -> None:
    body = (prefix + rest)[:15]
    number = body + check_digit(body)
    written = separator.join(number[place : place + 4] for place in range(0, len(number), 4))
    if len(set(number)) > 1:
        assert number[:12] not in json.dumps(masking.clean({"a": [f"{around}{written}{around}"]})).replace(
            separator or "\0", ""
        )


def test_a_number_as_an_integer_or_a_key_is_masked() -> None:
    assert masking.clean({int(VISA): int(VISA)}) == {"************1111": "************1111"}


def test_long_texts_lists_and_depths_are_cut_and_say_so() -> None:
    kept = masking.clean({"text": "x" * 5000, "list": list(range(500))})
    assert kept["text"].startswith("x" * masking.MAX_TEXT)
    assert kept["text"].endswith("[3000 characters more]")
    assert kept["list"][-1] == "… [300 items more]"
    deep: list[object] = []
    for _level in range(50):
        deep = [deep]
    assert "nested too deep" in json.dumps(masking.clean(deep))
    assert masking.clean({str(key): 1 for key in range(500)})["…"] == "300 keys more"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text("abc ", max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
        max_leaves=10,
    )
)
def test_harmless_values_are_not_touched(value: object) -> None:
    assert masking.clean(value) == value
