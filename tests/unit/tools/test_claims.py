# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of claims, and what it takes for one to be proven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tools.claims import Row, main, rows
from tools.model.results import COMMITTED, last_full_run
from tools.repository import Repository

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

NODE = "tests/behaviour/lamp/test_lamp.py::test_shines"
KEYS = ["claim", "kind", "controls", "roles", "behaviour_tests", "tamper_cases", "proven_on"]


def result(identity: str, release: str = "debian12", outcome: str = "passed") -> dict[str, str]:
    """One recorded outcome, its kind told from its id."""
    kind = "behaviour" if "::" in identity else "tamper"
    return {"kind": kind, "id": identity, "release": release, "outcome": outcome}


def record(*results: dict[str, str], run: str = "r1", finished: str = "2026-11-21T10:00:00Z", full: bool = True) -> str:
    """The text of a record."""
    about = {"id": run, "commit": "abc123", "finished": finished, "full": full}
    return json.dumps({"run": about, "results": results})


BOTH = [result(NODE), result("lamp-unplugged"), result(NODE, "debian13"), result("lamp-unplugged", "debian13")]


def light(tree: Tree) -> Row:
    """The row of the claim that the tree's one control serves."""
    repository = tree.repository()
    return rows(repository, last_full_run(repository))[0]


def test_what_belongs_to_a_claim(tree: Tree) -> None:
    assert light(tree) == Row("light", "technical", ["lamp.shines"], ["lamp"], [NODE], ["lamp-unplugged"], [])


def test_a_row_for_every_claim(tree: Tree) -> None:
    table = rows(tree.repository(), None)
    assert [row.claim for row in table] == ["light", "warmth", "janitor"]
    assert table[1] == Row("warmth", "mixed", [], [], [], [], [])


def test_proven_where_everything_passed(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(*BOTH))
    assert light(tree).proven_on == ["debian12", "debian13"]


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
@pytest.mark.parametrize("identity", [NODE, "lamp-unplugged"])
def test_what_did_not_pass_takes_its_release_away(tree: Tree, identity: str, outcome: str) -> None:
    kept = [item for item in BOTH if (item["id"], item["release"]) != (identity, "debian13")]
    tree.write(".cache/results/lamp.json", record(*kept, result(identity, "debian13", outcome)))
    assert light(tree).proven_on == ["debian12"]


@pytest.mark.parametrize("identity", [NODE, "lamp-unplugged"])
def test_what_did_not_run_takes_its_release_away(tree: Tree, identity: str) -> None:
    kept = [item for item in BOTH if (item["id"], item["release"]) != (identity, "debian12")]
    tree.write(".cache/results/lamp.json", record(*kept))
    assert light(tree).proven_on == ["debian13"]


def test_one_failure_among_many_parameters_or_scenarios(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(*BOTH))
    tree.write(".cache/results/site.json", record(result(NODE, "debian12", "failed")))
    assert light(tree).proven_on == ["debian13"]


def test_a_new_test_is_not_proven_by_an_old_run(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(*BOTH))
    tree.write(
        "tests/behaviour/lamp/test_new.py", 'import pytest\n\n@pytest.mark.claim("light")\ndef test_new():\n    pass\n'
    )
    assert light(tree).proven_on == []


def test_results_of_tests_that_are_gone_are_ignored(tree: Tree) -> None:
    gone = result("tests/behaviour/lamp/test_gone.py::test_x", "debian12", "failed")
    tree.write(".cache/results/lamp.json", record(*BOTH, gone))
    assert light(tree).proven_on == ["debian12", "debian13"]


def test_tamper_cases_alone_prove_nothing(tree: Tree) -> None:
    tree.write("tests/behaviour/lamp/test_lamp.py", "def test_nothing():\n    pass\n")
    tree.write(".cache/results/lamp.json", record(*BOTH))
    row = light(tree)
    assert (row.tamper_cases, row.proven_on) == (["lamp-unplugged"], [])


def test_the_last_full_run_counts(tree: Tree) -> None:
    tree.write(".cache/results/old.json", record(*BOTH, run="r1", finished="2026-11-20T10:00:00Z"))
    tree.write(".cache/results/new.json", record(*BOTH[:2], run="r2", finished="2026-11-21T10:00:00Z"))
    tree.write(".cache/results/part.json", record(run="r3", finished="2026-11-22T10:00:00Z", full=False))
    assert light(tree).proven_on == ["debian12"]


def test_the_suites_of_one_run_count_together(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(BOTH[0], finished="2026-11-21T10:00:00Z"))
    tree.write(".cache/results/tamper.json", record(BOTH[1], finished="2026-11-21T10:20:00Z"))
    assert light(tree).proven_on == ["debian12"]


def test_the_committed_record_stands_in(tree: Tree) -> None:
    tree.write(COMMITTED, record(*BOTH))
    assert light(tree).proven_on == ["debian12", "debian13"]
    tree.write(".cache/results/part.json", record(full=False))
    assert light(tree).proven_on == ["debian12", "debian13"]
    tree.write(".cache/results/full.json", record(run="r2", finished="2026-11-20T10:00:00Z"))
    assert light(tree).proven_on == []


def test_results_on_no_release_prove_nothing(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(*(dict(item, release="") for item in BOTH)))
    assert light(tree).proven_on == []


def test_json(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    tree.write(".cache/results/lamp.json", record(*BOTH))
    assert main(["--format", "json"], tree.repository()) == 0
    table: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [list(row) for row in table] == [KEYS] * 3
    assert table[0]["proven_on"] == ["debian12", "debian13"]


def test_text(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree.repository()) == 0
    out = capsys.readouterr().out
    assert "0 of 2 claims" in out
    assert "1 more are procedures of people" in out
    assert "No full test run is recorded" in out
    tree.write(".cache/results/lamp.json", record(*BOTH))
    assert main([], tree.repository()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[0] == "light"
    assert lines[1].endswith("debian12, debian13")
    assert any(line.startswith("janitor") and line.endswith("a person's attestation") for line in lines)
    assert "run r1 of commit abc123, finished 2026-11-21T10:00:00Z" in lines[-1]


@pytest.mark.parametrize("text", ["{", "[]", '{"run": {}}'])
def test_a_record_that_is_none(tree: Tree, capsys: pytest.CaptureFixture[str], text: str) -> None:
    tree.write(".cache/results/bad.json", text)
    assert main([], tree.repository()) == 1
    assert "bad.json is no record of a test run" in capsys.readouterr().err


def test_all_claims_of_this_collection() -> None:
    table = rows(Repository(), None)
    assert len(table) == 50
    assert len({row.claim for row in table}) == 50
