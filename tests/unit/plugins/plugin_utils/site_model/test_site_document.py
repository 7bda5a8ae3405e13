# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading: YAML's surprises, keys that are there twice, lines."""

from __future__ import annotations

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.document import Document
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import Problems, SiteModelError


def test_dates_and_colons_stay_text() -> None:
    data = Document(
        "{day: 2027-03-31, bad: 2027-99-99, time: 10:20:30, address: '::1', port: 22, float: 1.5}", "f"
    ).data
    assert data == {
        "day": "2027-03-31",
        "bad": "2027-99-99",
        "time": "10:20:30",
        "address": "::1",
        "port": 22,
        "float": 1.5,
    }


def test_an_ipv6_address_of_digits_only_is_text() -> None:
    assert Document("a: 1:20:30:40:50:1:2:3", "f").data == {"a": "1:20:30:40:50:1:2:3"}


def test_the_loader_leaves_pyyaml_as_it_was() -> None:
    import datetime

    import yaml

    assert yaml.safe_load("2027-03-31") == datetime.date(2027, 3, 31)


def test_every_key_that_is_there_twice_is_noted_with_both_lines() -> None:
    document = Document("a: 1\nb: {c: 1,\n  c: 2}\na: 3\n", "f")
    texts = [problem.text("f") for problem in document.located(Problems())]
    assert sorted(texts) == [
        "f:3: the key 'c' is there twice, first on line 2; only one of them can count",
        "f:4: the key 'a' is there twice, first on line 1; only one of them can count",
    ]


def test_a_merged_key_may_be_overridden() -> None:
    document = Document("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n", "f")
    assert document.data["b"] == {"x": 3, "y": 2}
    assert document.located(Problems()) == []
    assert document.line_of(("b", "x")) == 4


def test_lines() -> None:
    document = Document("a:\n  b:\n    - one\n    - {c: 1,\n       d: 2}\n", "f")
    assert document.line_of(("a",)) == 1
    assert document.line_of(("a", "b")) == 2
    assert document.line_of(("a", "b", 0)) == 3
    assert document.line_of(("a", "b", 1)) == 4
    assert document.line_of(("a", "b", 1, "d")) == 5
    assert document.line_of(("a", "b", 1, "missing")) == 4
    assert document.line_of(("a", "b", 7)) == 2
    assert document.line_of(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: [1", 2, "not readable as YAML"),
        ("a: 1\n\tb: 2", 2, "not readable as YAML"),
        ("a: !vault x", 1, "ansible-vault"),
        ("a: &a\n  b: *a", 1, "recursive"),
        ("? [1, 2]\n: 3", 1, "unhashable"),
        ("a: 1\x00", None, "not readable as YAML"),
        ("--- 1\n--- 2", 2, "not readable as YAML"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int | None, says: str) -> None:
    with pytest.raises(SiteModelError) as caught:
        Document(text, "f")
    (problem,) = caught.value.problems
    assert says in problem.message
    assert problem.line == line
