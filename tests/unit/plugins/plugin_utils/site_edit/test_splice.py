# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of YAML text: what must change does, every other line stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit import splice
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.draft import Draft, EditError

TEXT = """\
---
# The segments of the site.
segments:
  # Where administrators sit.
  mgmt: {vlan: 99, subnets: [10.1.99.0/24]}   # theirs
  # Acme's.
  acme:
    vlan: 10      # ten
    text: |
      # no comment
      two

  # Globex's.
  globex:
    vlan: 20

# What talks.
flows:
  - name: one
    from: acme
    to: [mgmt, globex]   # both
  # The second.
  - name: two
    from:
      - acme
      - globex
    to: mgmt
empty: []   # none yet
none:
last: {a: 1}"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came."""
    import difflib

    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[:2] == "- "], [line[2:] for line in lines if line[:2] == "+ "]


@pytest.mark.parametrize(
    ("path", "key", "value", "after", "gone", "come"),
    [
        (("segments",), "new", {"vlan": 21, "s": ["a", "b"]}, None, [], ["  new:", "    vlan: 21", "    s: [a, b]"]),
        (("segments",), "new", 1, "acme", [], ["  new: 1"]),
        (("segments", "acme"), "x", "08:00", None, [], ["    x: '08:00'"]),
        (
            ("segments", "mgmt"),
            "x",
            [1],
            None,
            ["  mgmt: {vlan: 99, subnets: [10.1.99.0/24]}   # theirs"],
            ["  mgmt: {vlan: 99, subnets: [10.1.99.0/24], x: [1]}   # theirs"],
        ),
        (("last",), "b", "fd00::1", None, ["last: {a: 1}"], ["last: {a: 1, b: 'fd00::1'}"]),
        ((), "more", {"c": 1}, None, [], ["more:", "  c: 1"]),
        (("none",), "a", 1, None, [], ["  a: 1"]),
        (("missing",), "a", 1, None, [], ["missing:", "  a: 1"]),
    ],
)
def test_insert(path: Any, key: str, value: Any, after: str | None, *, gone: list[str], come: list[str]) -> None:
    draft = Draft(TEXT, "f")
    draft.insert(path, key, value, after)
    went, came = changed(TEXT, draft.text)
    assert (went, came) == (gone, come)
    assert draft.get((*path, key)) == value
    if after:
        assert list(draft.data["segments"]) == ["mgmt", "acme", "new", "globex"]
        assert draft.text.index("  new: 1\n") < draft.text.index("  # Globex's.")


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        (("flows", 0, "from"), "globex", ["    from: acme"], ["    from: [acme, globex]"]),
        (("flows", 0, "to"), "x", ["    to: [mgmt, globex]   # both"], ["    to: [mgmt, globex, x]   # both"]),
        (("flows", 1, "from"), "x", [], ["      - x"]),
        (("flows",), {"name": "three", "ports": [1, "2-3"]}, [], ["  - name: three", "    ports: [1, 2-3]"]),
        (("empty",), {"a": 1}, ["empty: []   # none yet"], ["empty:   # none yet", "- a: 1"]),
        (("absent",), "x", [], ["absent: [x]"]),
    ],
)
def test_append(path: Any, value: Any, gone: list[str], come: list[str]) -> None:
    draft = Draft(TEXT, "f")
    draft.append(path, value)
    assert draft.get(path)[-1] == value
    went, came = changed(TEXT, draft.text)
    assert (went, came) == (gone, come)


@pytest.mark.parametrize(
    ("path", "gone", "come"),
    [
        (("segments", "globex"), ["  # Globex's.", "  globex:", "    vlan: 20"], []),
        (
            ("segments", "acme"),
            ["  # Acme's.", "  acme:", "    vlan: 10      # ten", "    text: |", "      # no comment", "      two"],
            [],
        ),
        (("segments", "mgmt"), ["  mgmt: {vlan: 99, subnets: [10.1.99.0/24]}   # theirs"], []),
        (("flows", 1, "from", 0), ["      - acme"], []),
        (("flows", 0, "to", 0), ["    to: [mgmt, globex]   # both"], ["    to: [globex]   # both"]),
        (("flows", 0, "to", 1), ["    to: [mgmt, globex]   # both"], ["    to: [mgmt]   # both"]),
        (
            ("flows", 1),
            ["  # The second.", "  - name: two", "    from:", "      - acme", "      - globex", "    to: mgmt"],
            [],
        ),
        (("last", "a"), ["last: {a: 1}"], ["last: {}"]),
        (("flows",), None, []),
    ],
)
def test_remove(path: Any, gone: list[str] | None, come: list[str]) -> None:
    draft = Draft(TEXT, "f")
    draft.remove(path)
    went, came = changed(TEXT, draft.text)
    assert gone is None or came == come
    if gone is not None:
        assert went == gone


def test_the_last_entry_leaves_an_empty_collection() -> None:
    draft = Draft("a:   # why\n  b:\n    c: 1\nd: 2\n", "f")
    draft.remove(("a", "b"))
    assert draft.text == "a: {}   # why\nd: 2\n"
    draft = Draft("a:\n# x\n- b: 1\nd: 2\n", "f")
    draft.remove(("a", 0))
    assert draft.data == {"a": [], "d": 2}


@pytest.mark.parametrize(
    "text",
    [
        "base: &b {x: {y: 1}}\nother: *b\n",
        "base: &b\n  x:\n    y: 1\nother:\n  <<: *b\n",
    ],
)
def test_what_cannot_be_changed_safely_is_left_alone(text: str) -> None:
    draft = Draft(text, "f")
    with pytest.raises(EditError, match=r"f: other.* change it by hand"):
        draft.insert(("other", "x"), "z", 2)
    assert draft.text == text


NAMES = st.sampled_from(("a", "b", "c", "d"))
LEAVES = st.sampled_from((1, "x", "08:00", "fd00::1", "no", "a: b", "# c", "", None, True, "*.x"))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, entry in entries for found in ((*way, key), *places(entry, (*way, key)))]


@settings(max_examples=200, deadline=None)
@given(data=st.data(), flow=st.sampled_from((False, None, True)), c_loader=st.booleans())
def test_any_change_does_what_it_should_or_is_refused(data: st.DataObject, flow: bool | None, c_loader: bool) -> None:
    value = data.draw(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
    text = yaml.safe_dump(value, default_flow_style=flow)
    draft = Draft(text, "f")
    way = data.draw(st.sampled_from(places(value)))
    wanted = copy.deepcopy(value)
    around = wanted
    for step in way[:-1]:
        around = around[step]
    try:
        if isinstance(around[way[-1]], dict) and "new" not in around[way[-1]]:
            around[way[-1]]["new"] = [1]
            draft.insert(way, "new", [1])
        elif isinstance(around[way[-1]], list):
            around[way[-1]].append("new")
            draft.append(way, "new")
        else:
            around.pop(way[-1])
            draft.remove(way)
    except EditError:
        assert draft.text == text
        return
    assert yaml.safe_load(draft.text) == wanted


def test_both_loaders_of_pyyaml_mark_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT.replace("Acme's", "Ácmé's €").replace("vlan: 10 ", "vlän: 10 ")
    fast = splice.remove(text, ("flows", 0, "to", 0))
    monkeypatch.setattr(splice, "_LOADER", yaml.SafeLoader)
    assert splice.remove(text, ("flows", 0, "to", 0)) == fast
