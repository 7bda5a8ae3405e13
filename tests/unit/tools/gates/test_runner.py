# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How gates are run, remembered and reported."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from tools.gates.__main__ import main
from tools.gates.base import Gate, command, run
from tools.gates.runner import all_gates, run_gates

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree
    from tools.repository import Repository


class Counted:
    """A check that counts its runs."""

    def __init__(self, *problems: str) -> None:
        self.runs = 0
        self.problems = list(problems)

    def __call__(self, _repository: Repository) -> list[str]:
        self.runs += 1
        return self.problems


@pytest.fixture(autouse=True)
def _not_on_a_build_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def test_lines_and_status(tree: Tree) -> None:
    out = io.StringIO()
    gates = [Gate("good", Counted()), Gate("bad", Counted("one\ntwo"))]
    assert run_gates(gates, tree.repository(), out=out) == 1
    lines = re.sub(r"\d+\.\d s", "N s", out.getvalue()).splitlines()
    assert lines[-1] == "1 passed, 1 failed"
    assert "ok      good  N s" in lines
    assert lines[lines.index("FAILED  bad   N s") :][1:3] == ["    one", "    two"]


def test_a_gate_that_breaks_has_failed(tree: Tree) -> None:
    def broken(_repository: Repository) -> list[str]:
        raise ValueError("no lamp")

    out = io.StringIO()
    assert run_gates([Gate("broken", broken)], tree.repository(), out=out) == 1
    assert "ValueError: no lamp" in out.getvalue()


def test_green_is_remembered_until_a_file_changes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    check, out = Counted(), io.StringIO()
    gate = Gate("slow", check, remembered=True)
    for expected in (1, 1):
        assert run_gates([gate], tree.repository(), out=out) == 0
        assert check.runs == expected
    assert "unchanged since it passed" in out.getvalue()
    tree.write("README.md", "new\n")
    run_gates([gate], tree.repository(), out=out)
    assert check.runs == 2
    monkeypatch.setenv("CI", "true")
    run_gates([gate], tree.repository(), out=out)
    assert check.runs == 3


def test_red_is_never_remembered(tree: Tree) -> None:
    check = Counted("wrong")
    for expected in (1, 2):
        assert run_gates([Gate("slow", check, remembered=True)], tree.repository(), out=io.StringIO()) == 1
        assert check.runs == expected


def test_what_is_not_remembered_always_runs(tree: Tree) -> None:
    check = Counted()
    for expected in (1, 2):
        run_gates([Gate("quick", check)], tree.repository(), out=io.StringIO())
        assert check.runs == expected


def test_commands(tree: Tree) -> None:
    assert command(["true"], folder=tree.root) == []
    assert command(["sh", "-c", "echo bad; exit 3"], folder=tree.root) == ["bad"]
    assert command(["false"], folder=tree.root) == ["false ended with status 1"]
    assert run(["sh", "-c", r"printf '\033[31mred\033[0m'"], folder=tree.root).output == "red"
    assert run(["no-such-tool"], folder=tree.root).status == 127
    assert run(["sleep", "5"], folder=tree.root, timeout=0.1).status == 124


def test_the_gates_we_promise() -> None:
    assert {gate.name for gate in all_gates()} == {
        "ansible-lint",
        "antsibull-docs",
        "argument-specs",
        "controls",
        "examples",
        "galaxy-importer",
        "generated",
        "house-rules",
        "imports",
        "kinds",
        "mypy",
        "release",
        "ruff",
        "ruff-format",
        "sanity",
        "test-records",
        "shellcheck",
        "terminal",
        "yamllint",
    }


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "sanity" in capsys.readouterr().out.splitlines()
    with pytest.raises(SystemExit) as ended:
        main(["no-such-gate"])
    assert ended.value.code == 2
    assert "there are: ansible-lint" in capsys.readouterr().err
