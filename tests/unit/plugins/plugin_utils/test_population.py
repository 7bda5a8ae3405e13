# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is there, by name, in files that no name can escape."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import file_names, population


@given(st.text(st.characters(), min_size=1), st.text(st.characters(), min_size=1))
@example("web1", "Web1")
@example("h" * 250, "h" * 249)
@example("nul", "NUL.txt")
@example("\ud800", "?")
@example("a/b", "a%2Fb")
def test_file_names_are_safe_and_never_shared(one: str, two: str) -> None:
    names = [population.file_name(one), population.file_name(two)]
    assert all("/" not in name and not name.startswith(".") and name.isascii() for name in names)
    assert all(len(name) <= 180 and not name.lower().startswith(("con.", "nul.")) for name in names)
    assert (names[0].lower() == names[1].lower()) == (one == two)


@given(st.text(min_size=1), st.text(min_size=1))
@example("a b", "a_b")
@example("..", "_")
def test_readable_file_names_are_never_shared(one: str, two: str) -> None:
    names = [file_names.readable(one), file_names.readable(two)]
    assert all(name and "/" not in name and not name.startswith(".") and len(name) <= 180 for name in names)
    assert (names[0] == names[1]) == (one == two)


@pytest.mark.parametrize("name", ["ws-acme-1.site.example", "db_1", "10.0.0.1"])
def test_an_ordinary_name_is_kept(name: str) -> None:
    assert population.file_name(name) == f"{name}.json"
    assert file_names.readable(name) == name


def test_attributes_come_from_the_site_model_and_the_groups() -> None:
    model = {"kinds": ["mail"], "segment": "servers", "class": "cde", "client": None, "secret": "x"}
    seen = population.attributes(
        {"ringfence_host": model, "ansible_host": "10.0.0.1"}, ["all", "kind_mail", "ungrouped"]
    )
    assert seen == {
        "kinds": ["mail"],
        "groups": ["kind_mail"],
        "address": "10.0.0.1",
        "segment": "servers",
        "class": "cde",
    }


def test_a_site_without_a_model_gets_the_fallback_name() -> None:
    assert population.site({}, "demo") == {"name": "demo", "title": "demo"}
    assert population.site({"ringfence_site": {"name": "a", "title": "A"}}, "demo") == {"name": "a", "title": "A"}
