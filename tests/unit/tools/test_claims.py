# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of claims, and what it takes for one to be proven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.tools.conftest import CLAIMS
from tools.claims import Row, main, rows
from tools.model.catalog import claims
from tools.model.markers import behaviour_tests
from tools.model.results import recorded, together
from tools.repository import Repository
from tools.selection.records import Record
from tools.selection.units import Inputs

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

NODE = "tests/behaviour/lamp/test_lamp.py::test_shines"
KEYS = ["claim", "kind", "controls", "roles", "behaviour_tests", "tamper_cases", "proven_on", "proven_since"]
KEYS += ["parts", "not_passed"]


def result(identity: str, release: str = "debian12", outcome: str = "passed") -> dict[str, str]:
    """One recorded outcome, its kind told from its id."""
    kind = "behaviour" if "::" in identity else "tamper"
    return {"kind": kind, "id": identity, "release": release, "outcome": outcome}


def record(tree: Tree, *results: dict[str, str], unit: str = "lamp", finished: str = "2026-11-21T10:00:00Z") -> None:
    """Write a record."""
    run = {"id": "r1", "commit": "abc123", "finished": finished, "seconds": 1.0, "machine": {}}
    one = Record(unit, run, len(results), results, Inputs({"roles/lamp/vars/main.yml": "0"}, {}))
    tree.write(one.place, one.text())


BOTH = [result(NODE), result("lamp-unplugged"), result(NODE, "debian13"), result("lamp-unplugged", "debian13")]


def light(tree: Tree) -> Row:
    """The row of the claim that the tree's one control serves."""
    repository = tree.repository()
    return rows(repository, recorded(repository))[0]


def test_what_belongs_to_a_claim(tree: Tree) -> None:
    assert light(tree) == Row("light", "technical", ["lamp.shines"], ["lamp"], [NODE], ["lamp-unplugged"], [], "")


def test_a_row_for_every_claim(tree: Tree) -> None:
    table = rows(tree.repository(), together([]))
    assert [row.claim for row in table] == ["light", "warmth", "janitor"]
    assert table[1] == Row("warmth", "mixed", [], [], [], [], [], "")


def test_proven_where_everything_passed(tree: Tree) -> None:
    record(tree, *BOTH)
    assert light(tree).proven_on == ["debian12", "debian13"]


@pytest.mark.parametrize("identity", [NODE, "lamp-unplugged"])
def test_what_did_not_pass_takes_its_release_away(tree: Tree, identity: str) -> None:
    kept = [item for item in BOTH if (item["id"], item["release"]) != (identity, "debian13")]
    record(tree, *kept, result(identity, "debian13", "skipped"))
    assert light(tree).proven_on == ["debian12"]


@pytest.mark.parametrize("identity", [NODE, "lamp-unplugged"])
def test_what_did_not_run_takes_its_release_away(tree: Tree, identity: str) -> None:
    kept = [item for item in BOTH if (item["id"], item["release"]) != (identity, "debian12")]
    record(tree, *kept)
    assert light(tree).proven_on == ["debian13"]


def test_one_skip_among_many_parameters_or_scenarios(tree: Tree) -> None:
    record(tree, *BOTH)
    record(tree, result(NODE, "debian12", "skipped"), unit="site")
    assert light(tree).proven_on == ["debian13"]


def test_a_new_test_is_not_proven_by_an_old_run(tree: Tree) -> None:
    record(tree, *BOTH)
    tree.marked('claim("light")')
    assert light(tree).proven_on == []


def test_results_of_tests_that_are_gone_are_ignored(tree: Tree) -> None:
    gone = result("tests/behaviour/lamp/test_gone.py::test_x", "debian12", "skipped")
    record(tree, *BOTH, gone)
    assert light(tree).proven_on == ["debian12", "debian13"]


def test_tamper_cases_alone_prove_nothing(tree: Tree) -> None:
    tree.write("tests/behaviour/lamp/test_lamp.py", "def test_nothing():\n    pass\n")
    record(tree, *BOTH)
    row = light(tree)
    assert (row.tamper_cases, row.proven_on) == (["lamp-unplugged"], [])


def test_records_count_together_and_the_oldest_is_told(tree: Tree) -> None:
    record(tree, *BOTH[::2], finished="2026-11-21T10:00:00Z")
    assert light(tree).proven_on == []
    record(tree, *BOTH[1::2], unit="tamper", finished="2026-11-19T10:20:00Z")
    row = light(tree)
    assert (row.proven_on, row.proven_since) == (["debian12", "debian13"], "2026-11-19")


def test_what_somebody_edited_is_refused(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    record(tree, *BOTH)
    path = tree.root / "tests/results/lamp.json"
    path.write_text(path.read_text().replace("2026-11-21", "2026-12-21"))
    assert main([], tree.repository()) == 1
    assert "tests/results/lamp.json was edited" in capsys.readouterr().err


def test_results_on_no_release_prove_nothing(tree: Tree) -> None:
    record(tree, *(dict(item, release="") for item in BOTH))
    assert light(tree).proven_on == []


def test_json(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    record(tree, *BOTH)
    assert main(["--format", "json"], tree.repository()) == 0
    table: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [list(row) for row in table] == [KEYS] * 3
    assert table[0]["proven_on"] == ["debian12", "debian13"]
    both = {"by-day": "proven", "by-night": "proven"}
    assert table[0]["parts"] == {"debian12": both, "debian13": both}
    assert (table[0]["not_passed"], table[1]["parts"]["debian12"]) == ({}, {"felt": "no test"})


def test_text(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree.repository()) == 0
    out = capsys.readouterr().out
    assert "0 of 2 claims" in out
    assert "1 more are procedures of people" in out
    assert "No test run is recorded" in out
    record(tree, *BOTH)
    assert main([], tree.repository()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[0] == "light"
    assert lines[1].endswith("debian12, debian13 proven (2026-11-21)")
    assert any(line.startswith("janitor") and line.endswith("a person's attestation") for line in lines)
    assert lines[-1].endswith("The oldest record in use is of 2026-11-21.")


def test_text_says_for_each_release_what_is_missing(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts by their ids, tests by their names, tamper cases; on no line that is too long for a terminal."""
    more = [{"id": f"in-weather-{number}", "shows": "it is light then"} for number in range(20)]
    tree.light(proof=[*CLAIMS[0]["proof"], *more])
    other = tree.marked('claim("light")')
    record(tree, *BOTH[:-1], result(other), result(other, "debian13", "skipped"))
    assert main([], tree.repository()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines[:-2]) <= 140
    cells = " ".join(" ".join(lines[:-2]).split())
    weather = ", ".join(one["id"] for one in more)
    told = f"no test yet shows {weather}"
    assert f"lamp.shines debian12 {told} debian13 missing test_new, tamper case lamp-unplugged; {told}" in cells
    # Of a claim without a test there is nothing to tell but that.
    assert any(line.split() == ["warmth", "mixed", "-", "-", "-", "-"] for line in lines)
    assert "0 of 2 claims" in lines[-1]


@pytest.mark.parametrize("text", ["{", "[]", '{"run": {}}'])
def test_a_record_that_is_none(tree: Tree, capsys: pytest.CaptureFixture[str], text: str) -> None:
    tree.write("tests/results/bad.json", text)
    assert main([], tree.repository()) == 1
    assert "bad.json is no record of a test run" in capsys.readouterr().err


def test_all_claims_of_this_collection() -> None:
    table = rows(Repository(), together([]))
    assert len(table) == 50
    assert len({row.claim for row in table}) == 50


def test_every_claim_with_behaviour_tests_has_parts_that_they_show() -> None:
    """A claim with behaviour tests has parts that they show: a mark of the claim alone would never prove it."""
    repository = Repository()
    marked = {name for test in behaviour_tests(repository) for name in test.proofs}
    known = {f"{claim.id}.{part}" for claim in claims(repository) for part in claim.parts}
    assert marked <= known
    shown = {name.split(".")[0] for name in marked}
    table = rows(repository, together([]))
    assert {row.claim for row in table if row.behaviour_tests and row.kind != "attestation"} == shown
