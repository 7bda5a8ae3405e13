# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells that a spreadsheet would evaluate, and that everything else is as it was given."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import csv_text


@pytest.mark.parametrize(
    "text",
    ["=1+1", " =1+1", "\n=cmd", "\u00a0@x", "\ufeff+1", "\u200b-1", "\u3000\uff1d1", "\uff1d1", "\ttext", "\rtext"],
)
def test_a_formula_is_text(text: str) -> None:
    assert csv_text.inert(text).startswith("'")
    assert csv_text.inert(text).replace("'", "") == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [("/etc/x;=HYPERLINK(1)", "/etc/x;'=HYPERLINK(1)"), ("a; -1;b", "a;' -1;b"), ("a\n=1", "a\n'=1")],
)
def test_nor_is_what_another_spreadsheet_parts(text: str, cell: str) -> None:
    assert csv_text.inert(text) == cell


@pytest.mark.parametrize("value", ["a=1", "", "'=1", "10.0.0.0/8", -1, 0.5, None, True])
def test_what_is_none_stays(value: object) -> None:
    assert csv_text.inert(value) == value


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = csv_text.inert(text)
    assert cell.replace("'", "") == text.replace("'", "")
    for part in cell.split(";"):
        assert not part.lstrip().startswith(("=", "+", "-", "@"))


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), min_size=1))
def test_it_is_read_back(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text.text(rows), newline="")))
    assert read == [[csv_text.inert(cell) for cell in row] for row in rows]
