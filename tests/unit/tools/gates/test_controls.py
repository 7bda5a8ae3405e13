# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that says whether every control is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.tools.conftest import APPLY, STEP
from tools.gates.checks.controls import check

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree


def only(problems: list[str], *words: str) -> None:
    """There is one problem, and it says these words."""
    assert len(problems) == 1, problems
    assert all(word in problems[0] for word in words), problems[0]


def test_a_complete_control_passes(tree: Tree) -> None:
    assert tree.problems(check) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": None}, "title is missing"),
        ({"owner": "me"}, "unknown key 'owner'"),
        ({"claims": ["dark"]}, "no claim 'dark'"),
        ({"claims": []}, "claims is missing"),
        ({"pci_dss": ["9.9.9"]}, "no PCI DSS requirement '9.9.9'"),
        ({"tasks": ["main.yml"]}, "unknown key 'tasks'"),
        ({"when": "{{ lamp_name != 'desk' }}"}, "belong together"),
        ({"when": "{{ lamp_other }}", "not_applicable": "There is none"}, "uses lamp_other"),
        ({"when": "{{ lamp_name", "not_applicable": "There is none"}, "is no template"),
    ],
)
def test_a_badly_formed_control(tree: Tree, changes: dict[str, object], word: str) -> None:
    tree.control(**changes)
    only(tree.problems(check), "lamp.shines", word)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"aspect": "painted"}, "aspect 'painted'"),
        ({"probe": "candle"}, "no probe 'candle'"),
        ({"probe": "base"}, "no probe 'base'"),
        ({"expect": None}, "expect is missing"),
        ({"expect": {"on": "{{ lamp_gone }}"}}, "uses lamp_gone"),
        ({"whit": {}}, "unknown key 'whit'"),
        ({"expect": {"on": "{{ lamp_name | ringfence.callcenter.bright(3) is ansible.builtin.truthy }}"}}, None),
        ({"with": {"of": ["{{ ansible_facts.os_family }}"]}}, None),
    ],
)
def test_a_badly_formed_check(tree: Tree, changes: dict[str, object], word: str | None) -> None:
    tree.check(**changes)
    problems = tree.problems(check)
    if word is None:
        assert problems == []
    else:
        only(problems, "lamp.shines.on", word)


def test_a_control_without_checks(tree: Tree) -> None:
    tree.control(checks=[])
    only(tree.problems(check), "checks is missing or empty")


def test_an_id_that_is_not_of_the_role(tree: Tree) -> None:
    tree.control(id="torch.shines")
    assert "torch.shines: the id is not lamp. and a lower-case word" in tree.problems(check)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"controls": []}, "Switch it on: names no control"),
        ({"controls": ["lamp.shines", "lamp.glows"]}, "the role has no control 'lamp.glows'"),
    ],
)
def test_steps_name_controls_of_their_role(tree: Tree, changes: dict[str, object], word: str) -> None:
    steps = [{**STEP, **changes}, {**STEP, "name": "Keep it on"}]
    tree.write("roles/lamp/tasks/present.yml", [{"ringfence.callcenter.apply": {"steps": steps}}])
    only(tree.problems(check), "roles/lamp/tasks/present.yml", word)


def test_a_task_of_its_own_names_its_controls_by_a_variable(tree: Tree) -> None:
    task = {"name": "Prove it", "ringfence.callcenter.switch_proven": {}}
    tree.write("roles/lamp/tasks/present.yml", [{**task, "vars": {"__lamp_controls": ["lamp.shines"]}}])
    assert tree.problems(check) == []
    tree.write("roles/lamp/tasks/present.yml", [APPLY, task])
    only(tree.problems(check), "roles/lamp/tasks/present.yml: Prove it: names no control")


def test_what_a_role_keeps_is_compared_as_a_whole(tree: Tree) -> None:
    """By a control that every step enforces."""
    task = {**APPLY, "ringfence.callcenter.apply": {"steps": [{**STEP, "audit": True}]}}
    tree.write("roles/lamp/tasks/present.yml", [task])
    only(tree.problems(check), "lamp: no control has the probe role_steps")


def test_a_control_that_no_step_enforces(tree: Tree) -> None:
    tree.write("roles/lamp/tasks/present.yml", [])
    only(tree.problems(check), "lamp.shines: no step of the role names it")


def test_a_role_without_controls(tree: Tree) -> None:
    tree.write("roles/torch/tasks/main.yml", [])
    only(tree.problems(check), "roles/torch/meta/controls.yml is missing")


def test_a_control_without_a_behaviour_test(tree: Tree) -> None:
    tree.write("tests/behaviour/lamp/test_lamp.py", "def test_nothing():\n    pass\n")
    only(tree.problems(check), "lamp.shines", "no behaviour test")


def test_a_mark_that_names_nothing_we_have(tree: Tree) -> None:
    tree.write(
        "tests/behaviour/lamp/test_other.py",
        'import pytest\n\n@pytest.mark.claim("dark")\n@pytest.mark.control("lamp.hums")\ndef test_x():\n    pass\n',
    )
    problems = tree.problems(check)
    assert "tests/behaviour/lamp/test_other.py::test_x: there is no control 'lamp.hums'" in problems
    assert "tests/behaviour/lamp/test_other.py::test_x: there is no claim 'dark'" in problems


@pytest.mark.parametrize(
    ("proof", "word"),
    [
        ("dark.by-day", "there is no claim 'dark'"),
        ("dark", "there is no claim 'dark'"),
        ("light.at-noon", "the claim 'light' has no part 'at-noon'"),
        ("light", "the claim 'light' has no part ''"),
        ("light.by-day.by-night", "the claim 'light' has no part 'by-day.by-night'"),
        ("janitor.by-day", "the claim 'janitor' has no part 'by-day'"),
    ],
)
def test_a_mark_of_a_part_that_there_is_not(tree: Tree, proof: str, word: str) -> None:
    name = tree.marked(f'proof("{proof}")')
    assert tree.problems(check) == [f"{name}: {word}"]


PART = {"id": "by-day", "shows": "it is light by day"}


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        (None, "light: proof must be a list of the parts that prove it"),
        ([], "light: proof must be a list of the parts that prove it"),
        ("it is light by day", "light: proof must be a list of the parts that prove it"),
        ([PART, "by night"], "light: a part of its proof is no mapping of id and shows"),
        ([PART, {**PART, "shows": "the same"}], "light.by-day: the part is there twice"),
        ([{"id": "by-day"}], "light.by-day: shows is missing or no text"),
        ([{**PART, "shows": " "}], "light.by-day: shows is missing or no text"),
        ([{**PART, "owner": "me"}], "light.by-day: unknown key 'owner'"),
        ([{**PART, "id": "By day"}], "light.By day: a part's id is lower-case words with hyphens between them"),
        ([{"shows": "it is light"}], "light.?: a part's id is lower-case words with hyphens between them"),
    ],
)
def test_a_proof_that_is_no_list_of_parts(tree: Tree, proof: object, problem: str) -> None:
    tree.write(
        "tests/behaviour/lamp/test_lamp.py", 'import pytest\n\n@pytest.mark.control("lamp.shines")\ndef test_x(): ...\n'
    )
    tree.light(proof=proof)
    assert tree.problems(check) == [problem]


def test_mixed_claims_have_parts_and_attested_ones_have_none(tree: Tree) -> None:
    tree.light(kind="mixed", proof=None)
    assert "light: proof must be a list of the parts that prove it" in tree.problems(check)
    tree.marked(name="test_lamp")
    tree.light(kind="attestation")
    assert "light: people attest it, it has no proof" in tree.problems(check)


def test_a_mark_that_can_not_be_read(tree: Tree) -> None:
    tree.write("tests/behaviour/lamp/test_other.py", "import pytest\npytestmark = pytest.mark.claim(NAME)\n")
    assert any("test_other.py: line 2" in problem for problem in tree.problems(check))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"control": "lamp.hums"}, "no control 'lamp.hums'"),
        ({"breaks": ""}, "breaks is missing"),
        ({"repaired_by": "nobody"}, "repaired_by is `role`, or `undo`"),
        ({"repaired_by": "undo"}, "repaired_by is `role`, or `undo`"),
        ({"undo": "rm /x"}, "repaired_by is `role`, or `undo`"),
        ({"id": "unplugged"}, "does not start with lamp-"),
        ({"sudo": "yes"}, "unknown key 'sudo'"),
    ],
)
def test_a_badly_formed_tamper_case(tree: Tree, changes: dict[str, object], word: str) -> None:
    tree.tamper(**changes)
    assert any(word in problem for problem in tree.problems(check))


def test_a_control_that_no_case_breaks(tree: Tree) -> None:
    tree.remove("roles/lamp/meta/tamper.yml")
    only(tree.problems(check), "lamp.shines", "no tamper case")


def test_a_tamper_file_that_is_no_list(tree: Tree) -> None:
    tree.write("roles/lamp/meta/tamper.yml", {"id": "lamp-unplugged"})
    assert "roles/lamp/meta/tamper.yml: must be a list of cases" in tree.problems(check)
