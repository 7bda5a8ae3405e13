# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases are read, and what is wrong with them or with what is asked of them is told all at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import cases, held

GOOD = """
- id: one
  control: role.x
  breaks: Something
  command: rm /x
  repaired_by: role
- id: two
  control: role.y
  breaks: Something
  command: rm /y
  repaired_by: role
  scenario: role
"""


def written(roles: Path, role: str, text: str) -> None:
    """Write the cases of a role."""
    path = roles / role / "meta" / "tamper.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def test_those_of_the_collection() -> None:
    """They are where an installed collection has them."""
    found = cases.load()
    assert len(found) >= 150
    assert {case["role"] for case in found} == {case["control"].split(".")[0] for case in found}


def test_every_role_is_tried_with_those_of_all(tmp_path: Path) -> None:
    """ROLE is the role's name, in an id with hyphens; a command for each kept file is run for these."""
    written(tmp_path, "first_role", "[]")
    shared = [{"id": "ROLE-kept", "control": "ROLE.x", "breaks": "It", "command": "rm $path", "repaired_by": "role"}]
    (tmp_path / "tamper_cases.yml").write_text(yaml.safe_dump([{**shared[0], "each": "kept"}]))
    (case,) = cases.load(str(tmp_path), str(tmp_path))
    assert (case["id"], case["control"], case["role"]) == ("first-role-kept", "first_role.x", "first_role")
    assert "do rm $path; done" in case["command"]
    assert "ROLE" not in case["command"]
    assert "each" not in case
    # On a host where the role keeps nothing there is nothing to break.
    done = subprocess.run(["sh", "-ec", case["command"]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (1, "first_role keeps nothing of this kind here")


def test_what_is_asked_for(tmp_path: Path) -> None:
    """By id, by role, by scenario."""
    written(tmp_path, "role", GOOD)
    found = cases.load(str(tmp_path), str(tmp_path))
    assert [case["id"] for case in cases.chosen(found, [])] == ["one", "two"]
    assert [case["id"] for case in cases.chosen(found, ["two"])] == ["two"]
    assert [case["id"] for case in cases.chosen(found, ["role"])] == ["one", "two"]
    assert [case["id"] for case in cases.chosen(found, [], cases.SHARED)] == ["one"]
    assert [case["id"] for case in cases.chosen(found, [], "role")] == ["two"]


def test_what_there_is_not(tmp_path: Path) -> None:
    """Each name is told, with the one that was meant."""
    written(tmp_path, "role", GOOD)
    with pytest.raises(cases.CasesError) as caught:
        cases.chosen(cases.load(str(tmp_path), str(tmp_path)), ["ome", "wholly-different"])
    assert len(caught.value.errors) == 2
    assert "'ome'" in caught.value.errors[0]
    assert "one" in caught.value.errors[0]


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    """Not the first error alone."""
    written(
        tmp_path,
        "role",
        "- {id: a, control: other.x, breaks: b, command: c, repaired_by: role, alone: sometimes, extra: 1}\n- nothing\n"
        "- {id: a, control: role.x, breaks: b, command: c, repaired_by: role}\n"
        "- {id: a, control: role.x, breaks: b, command: '', repaired_by: role}\n"
        "- {id: a, control: role.x, breaks: b, command: c, repaired_by: role}\n",
    )
    written(tmp_path, "broken", "[")
    written(tmp_path, "mapping", "a: b")
    with pytest.raises(cases.CasesError) as caught:
        cases.load(str(tmp_path), str(tmp_path))
    told = "\n".join(caught.value.errors)
    for text in (
        "broken/meta/tamper.yml: it cannot be read",
        "mapping/meta/tamper.yml: a list of cases is expected",
        "unknown key 'extra'",
        "alone must be role, login_stacks or true, not 'sometimes'",
        "'other.x' is none of role",
        "case 2: a case is a mapping",
        "case 4 a: command is missing",
        "case a is there more than once",
    ):
        assert text in told, told


def test_no_cases_at_all(tmp_path: Path) -> None:
    """An installation without them proves nothing, and says so."""
    with pytest.raises(cases.CasesError, match="there are no tamper cases"):
        cases.load(str(tmp_path), str(tmp_path))


def test_the_roles_of_a_host() -> None:
    """What playbooks/site.yml does for it, in that order."""
    groups = {"all": ["gw", "ws"], "kind_gateway": ["gw"], "kind_workstation": ["ws"]}
    listed = held.plays()
    gateway, workstation = held.roles_of("gw", groups, listed), held.roles_of("ws", groups, listed)
    assert gateway[0] == workstation[0] == "firewall"
    assert {"web_filter", "client_vlans"} <= set(gateway)
    assert {"web_filter", "client_vlans"}.isdisjoint(workstation)
    assert "browser_policy" in workstation
    assert "browser_policy" not in gateway


def test_hosts_that_are_no_list_of_groups(tmp_path: Path) -> None:
    """Nobody guesses which hosts a pattern means."""
    path = tmp_path / "site.yml"
    path.write_text("- {hosts: 'all:!kind_mail', roles: [{role: ringfence.callcenter.x}]}", encoding="utf-8")
    with pytest.raises(ValueError, match="more than a list of groups"):
        held.plays(str(path))
