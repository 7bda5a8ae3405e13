# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema for editors: it takes what the inventory plugin takes, and refuses what its shapes refuse."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.document import Document
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import Problems
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.schema import MODEL
from tools import render_site_schema

REPOSITORY = Path(__file__).resolve().parents[3]
MODELS = {
    name: Document((REPOSITORY / "inventories" / name / "site.yml").read_text(encoding="utf-8"), name).data
    for name in ("demo", "example")
}
VALIDATOR = jsonschema.Draft7Validator(render_site_schema.rendered())


def shapes_refuse(model: Any) -> list[str]:
    problems = Problems()
    MODEL.check(model, (), problems)
    return [problem.text("f") for problem in problems.found]


def test_the_file_is_up_to_date_and_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert render_site_schema.main(["--check"]) == 0
    jsonschema.Draft7Validator.check_schema(render_site_schema.rendered())


def test_check_tells_a_stale_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(render_site_schema, "ROOT", tmp_path)
    monkeypatch.setattr(render_site_schema, "OUTPUT", tmp_path / "site.schema.json")
    assert render_site_schema.main(["--check"]) == 1
    assert "is not up to date" in capsys.readouterr().err
    assert render_site_schema.main([]) == 0
    assert render_site_schema.main(["--check"]) == 0


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_models_are_valid(name: str) -> None:
    assert list(VALIDATOR.iter_errors(MODELS[name])) == []


WRONG: list[tuple[tuple[Any, ...], Any]] = [
    (("site", "titel"), "x"),
    (("site", "name"), "Big Site"),
    (("site", "title"), " "),
    (("site", "title"), "a\nb"),
    (("site", "title"), "{{ x }}"),
    (("plugin",), "x.y.z"),
    (("segments", "acme", "vlan"), 4095),
    (("segments", "acme", "vlan"), True),
    (("segments", "acme", "vlan"), "10"),
    (("segments", "acme", "class"), "clients"),
    (("segments", "acme", "subnets"), []),
    (("segments", "Acme"), {"vlan": 5, "subnets": ["10.0.0.0/24"], "class": "client"}),
    (("clients", "acme", "sites_allowed"), ["http://x"]),
    (("clients", "acme", "business_hours", "from"), "24:00"),
    (("clients", "acme", "business_hours", "days"), ["monday"]),
    (("clients", "acme", "recordings", "retention"), 0),
    (("clients", "acme", "retention"), {"data": 1}),
    (("hosts",), {}),
    (("hosts", "db1"), "x"),
    (("hosts", "db1", "kind"), "databse"),
    (("hosts", "db1", "kind"), ["mail", "mail"]),
    (("hosts", "db1", "os"), None),
    (("hosts", "db1", "vars"), {"a-b": 1}),
    (("hosts", "db1", "vars"), {"class": 1}),
    (("vars",), {"firewall_flow_rules": []}),
    (("flows", 0, "ports"), [0]),
    (("flows", 0, "ports"), ["1-65536"]),
    (("flows", 0, "protocol"), "tpc"),
    (("flows", 0, "review_by"), "2027-13-01"),
    (("flows", 0, "name"), "a__2"),
    (("published",), [{"name": "x"}]),
    (("administration", "sources"), []),
    (("administration", "ports"), [70000]),
    (("administration", "accounts"), [{"name": "a b", "reason": "r", "owner": "o"}]),
    (("administration", "accounts"), [{"name": "a", "reason": "r"}]),
    (("hosts", "db1", "ssh_port"), [22]),
    (
        ("hosts", f"{'a' * 64}.example"),
        {"kind": "server", "segment": "servers", "address": "10.60.30.9", "os": "debian12"},
    ),
    (("web_filter",), {"port": 80}),
    (("contacts", "boss"), []),
    (("contacts", "security_officer"), [{"email": "a@b.example"}]),
    (("contacts", "security_officer"), [{"name": "a", "email": "a"}]),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_what_the_shapes_refuse_is_refused(path: tuple[Any, ...], value: Any) -> None:
    model = copy.deepcopy(MODELS["demo"])
    place = model
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert shapes_refuse(model)
    assert not VALIDATOR.is_valid(model)


@pytest.mark.parametrize("key", ["plugin", "site", "segments", "hosts", "administration"])
def test_missing_keys_are_refused(key: str) -> None:
    assert not VALIDATOR.is_valid({name: value for name, value in MODELS["demo"].items() if name != key})


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, entry in entries for found in ((*way, key), *places(entry, (*way, key)))]


# Values of every shape, right in some places and wrong in others.
VALUES: list[Any] = [
    None,
    True,
    0,
    1,
    443,
    5000,
    70000,
    "",
    " ",
    "acme",
    "Acme",
    "a b",
    "10.60.10.11",
    "10-20",
    "2027-06-30",
    "08:00",
    "24:00",
    "tcp",
    "mon",
    "x@y.example",
    "crm.example",
    "/srv/a",
    "/srv/..",
    "{% x %}",
    "a\tb",
    [],
    ["acme"],
    ["acme", "acme"],
    [1, "2-3"],
    [None],
    {},
    {"a": 1},
    {"name": "x"},
]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_schema_and_shapes_agree_on_any_change(data: st.DataObject) -> None:
    """But for what no schema can say: that a day exists, and that a range of ports goes up. Neither is in VALUES."""
    model = copy.deepcopy(MODELS[data.draw(st.sampled_from(sorted(MODELS)))])
    for _turn in range(data.draw(st.integers(1, 2))):
        ways = places(model)
        way = data.draw(st.sampled_from(ways))
        place = model
        for step in way[:-1]:
            place = place[step]
        action = data.draw(st.sampled_from(("set", "delete", "rename")))
        if action == "rename" and isinstance(place, dict):
            place[data.draw(st.sampled_from(("acme", "new", "New", "class", "a-b")))] = place.pop(way[-1])
        elif action == "delete":
            del place[way[-1]]
        else:
            place[way[-1]] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
    said = shapes_refuse(model)
    errors = [f"{list(error.absolute_path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(model)]
    assert bool(said) == bool(errors), (said, errors, yaml.safe_dump(model) if not said else "")
