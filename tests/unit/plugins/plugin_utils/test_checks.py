# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From controls to a host's checks: nothing is lost on the way, whatever a variable does."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import checks, controls

CHECK = {"id": "bolt", "aspect": "running", "probe": "bolt", "with": {"x": "@x"}, "expect": {"bolt": "@bolt"}}


def role(**changes: Any) -> controls.RoleControls:
    control = {"id": "door.closed", "title": "Closed", "checks": [CHECK, {**CHECK, "id": "two"}], **changes}
    return controls.parse("door", {"kinds": "all", "controls": [control]})


def fill_with(values: dict[str, Any]) -> checks.Fill:
    """Stands for the template engine: @name is replaced by its value, an unknown one raises."""

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        if isinstance(value, str) and value.startswith("@"):
            if value[1:] not in values:
                raise LookupError(f"'{value[1:]}' is undefined")
            return values[value[1:]]
        return value

    return fill


def prepare(made: controls.RoleControls, **values: Any) -> list[checks.PreparedCheck]:
    return checks.prepare([made], [], lambda _role: fill_with(values), kept_by(values))


def kept_by(values: dict[str, Any]) -> Any:
    """Stands for what gives a role's steps on a host: the value ``kept``."""

    def kept() -> Any:
        return fill_with(values)("@kept"), frozenset({"swordfish"})

    return lambda _role, _fill: kept


def test_values_are_filled_in() -> None:
    first, second = prepare(role(), x=1, bolt="in")
    assert first.finding is None
    assert first.check["with"] == {"x": 1}
    assert first.check["expect"] == {"bolt": "in"}
    assert second.check["id"] == "door.closed.two"


def test_a_broken_variable_is_an_error_that_names_control_and_variable() -> None:
    made = prepare(role(), x=1)
    assert [item.finding["status"] for item in made if item.finding] == ["error", "error"]
    assert made[0].finding is not None
    assert made[0].finding["reason"] == "control door.closed, check door.closed.bolt: 'bolt' is undefined"


def test_when_false_is_not_applicable_with_the_controls_own_words() -> None:
    made = prepare(role(when="@on", not_applicable="It is off."), on=False)
    assert [(item.finding or {})["status"] for item in made] == ["not_applicable"] * 2
    assert made[0].finding is not None
    assert made[0].finding["reason"] == "It is off."


@pytest.mark.parametrize("when", [True, "True"])
def test_when_true_asks(when: Any) -> None:
    assert [item.finding for item in prepare(role(when=when), x=1, bolt=2)] == [None, None]


@pytest.mark.parametrize("when", ["@missing", "yes", 1, None])
def test_when_that_is_no_answer_is_an_error_of_every_check(when: Any) -> None:
    made = prepare(role(when=when), x=1, bolt=2)
    assert [(item.finding or {})["status"] for item in made] == ["error", "error"]


def test_roles_of_other_kinds_are_left_out() -> None:
    other = controls.RoleControls("door", "", ("gateway",), role().controls)
    fill = fill_with({"x": 1, "bolt": 2})
    assert checks.prepare([other], ["mail"], lambda _role: fill, kept_by({})) == []
    assert len(checks.prepare([other], ["gateway"], lambda _role: fill, kept_by({}))) == 2


def test_kinds_come_from_the_model_and_from_group_names() -> None:
    variables = {"ringfence_host": {"kinds": ["mail"]}}
    assert checks.host_kinds(variables, ["all", "kind_mail", "kind_log_server"]) == ("mail", "log_server")
    assert checks.host_kinds({}, ["web"]) == ()
    assert checks.host_kinds({"ringfence_host": "broken"}, []) == ()


def test_the_probe_of_steps_gets_them_and_their_secrets_stay_apart() -> None:
    one = {**CHECK, "id": "steps", "probe": "role_steps", "expect": {"differs": []}, "with": {}}
    (made,) = prepare(role(checks=[one]), kept=[{"name": "Keep"}])
    assert made.check["with"] == {"steps": [{"name": "Keep"}]}
    assert made.secrets == {"swordfish"}
    assert "swordfish" not in repr(made)
    (wrong,) = prepare(role(checks=[one]))
    assert wrong.finding is not None
    assert (wrong.finding["status"], "'kept' is undefined" in wrong.finding["reason"]) == ("error", True)


def test_the_probe_of_foreign_files_gets_the_units_and_what_they_are_reloaded_for() -> None:
    one = {
        **CHECK,
        "id": "beside",
        "probe": "foreign_files",
        "with": {"units": ["a.service"], "packages": ["base"]},
        "expect": {"foreign": []},
    }
    units = [
        {"name": "b.service", "enabled": True, "active": None},
        {"name": "c.service", "enabled": False, "active": False},
    ]
    activate = [
        {"argv": ["systemctl", "daemon-reload"], "paths": ["/u"]},
        {"argv": ["systemctl", "try-restart", "b.service"], "paths": ["/etc/b"]},
        {"argv": ["sh", "-c", "systemctl restart b.service"], "paths": ["/etc/b"]},
        {"argv": ["systemctl", "try-restart", "d.service"], "paths": []},
    ]
    kept = [
        {"module": "service_units", "arguments": {"units": units}},
        {"module": "managed_files", "arguments": {"activate": activate}},
        {"module": "packages", "arguments": {"names": ["door"]}},
    ]
    (made,) = prepare(role(checks=[one]), kept=kept)
    assert made.check["with"] == {
        "units": ["a.service", "b.service"],
        "packages": ["base", "door"],
        "reloads": [{"units": ["b.service"], "paths": ["/etc/b"]}],
        "managed_by": "door",
    }
