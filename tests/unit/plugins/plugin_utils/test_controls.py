# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls files are read whole, and all that is wrong with them is said at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import controls


def stated(**changes: Any) -> dict[str, Any]:
    check = {"id": "bolt", "aspect": "running", "probe": "bolt", "with": {"x": 1}, "expect": {"bolt": "in"}}
    return {"kinds": "all", "controls": [{"id": "door.closed", "title": "Closed", "checks": [check], **changes}]}


def test_a_control_gets_its_role_its_defaults_and_full_check_ids() -> None:
    role = controls.parse("door", stated())
    (control,) = role.controls
    assert control["role"] == "door"
    assert control["claims"] == control["pci_dss"] == []
    assert control["not_applicable"]
    assert control["checks"][0]["id"] == "door.closed.bolt"
    assert "when" not in control


def test_kinds_decide_where_a_role_applies() -> None:
    assert controls.parse("door", stated()).applies_to([])
    role = controls.parse("door", {**stated(), "kinds": ["gateway", "mail"]})
    assert role.applies_to(["mail", "server"])
    assert not role.applies_to(["database"])
    assert not role.applies_to([])


def test_every_error_is_told_at_once() -> None:
    data = stated(colour="red", title="", claims="inbound-drop")
    data["controls"][0]["checks"] += [
        {"id": "bolt", "aspect": "sometimes", "probe": "../etc", "expect": {}},
        "no mapping",
    ]
    data["controls"] += [{"id": "window.closed", "title": "x", "checks": []}]
    with pytest.raises(controls.ControlsError) as caught:
        controls.parse("door", {**data, "roles": 1, "kinds": "some"}, "door.yml")
    text = str(caught.value)
    for part in [
        "door.yml: unknown key 'roles'; valid keys: controls, kinds",
        "unknown key 'colour'",
        "title is missing",
        "claims: a list of texts",
        "aspect must be one of configured, running, survives_reboot, not 'sometimes'",
        "probe must be lower-case letters, digits and _, not '../etc'",
        "expect is empty, so the check could not fail",
        "door.closed.bolt is there more than once",
        "a check is a mapping",
        "id must be door.NAME",
        "checks needs at least one check",
        "kinds (or the word all): a list of texts",
    ]:
        assert part in text


@pytest.mark.parametrize("data", [None, [], "text", {"kinds": "all"}, {"kinds": "all", "controls": []}])
def test_a_file_without_controls_is_refused(data: Any) -> None:
    with pytest.raises(controls.ControlsError):
        controls.parse("door", data)


def read_json(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


@pytest.fixture
def roles(tmp_path: Path) -> str:
    """Two roles with controls and one without."""
    for name in ("door", "window", "plain"):
        for folder in ("meta", "defaults"):
            (tmp_path / name / folder).mkdir(parents=True)
        (tmp_path / name / "defaults" / "main.yml").write_text(json.dumps({f"{name}_state": "present"}))
        if name != "plain":
            data = json.loads(json.dumps(stated()).replace("door.", f"{name}."))
            (tmp_path / name / "meta" / "controls.yml").write_text(json.dumps(data))
    return str(tmp_path)


def test_load_takes_all_roles_that_state_controls_or_the_named_ones(roles: str) -> None:
    assert [role.role for role in controls.load(roles, read_json)] == ["door", "window"]
    (only,) = controls.load(roles, read_json, ["ringfence.callcenter.window"])
    assert only.defaults == {"window_state": "present"}
    assert only.variables == {}


def test_load_names_unknown_roles_and_broken_files_together(roles: str) -> None:
    Path(roles, "door", "meta", "controls.yml").write_text("{}")
    with pytest.raises(controls.ControlsError) as caught:
        controls.load(roles, read_json, ["door", "plain"])
    assert "roles: 'plain' has no meta/controls.yml" in str(caught.value)
    assert "roles that have one: door, window" in str(caught.value)
    assert "door/meta/controls.yml" in str(caught.value)


def test_the_bundle_states_no_templates() -> None:
    role = controls.parse("door", stated(when="{{ door_state }}"))
    (row,) = controls.as_data([role])
    assert row["checks"] == [{"id": "door.closed.bolt", "aspect": "running", "probe": "bolt"}]
    assert "{{" not in json.dumps(row)
