# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is there, by name, in files that no name can escape."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import population


@given(st.text(min_size=1), st.text(min_size=1))
def test_file_names_are_safe_and_never_shared(one: str, two: str) -> None:
    try:
        names = [population.file_name(one), population.file_name(two)]
    except UnicodeEncodeError:  # half a surrogate pair is no host's name
        return
    assert all("/" not in name and not name.startswith(".") and name.isascii() for name in names)
    assert (names[0] == names[1]) == (one == two)


def test_an_ordinary_name_is_kept() -> None:
    assert population.file_name("ws-acme-1.site.example") == "ws-acme-1.site.example.json"


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
