# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record holds what a run saw, is refused when it was edited, and is only made of what passed on a clean tree."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import run_tests
from tools.gates.checks import test_records as gate
from tools.repository import Repository
from tools.selection import recording
from tools.selection.records import Record, load, parse, write
from tools.selection.units import Inputs, Units, content_id

PASSED = {"kind": "behaviour", "id": "tests/behaviour/lamp/test_lamp.py::test_shines", "release": "debian12"}
RUN = {
    "id": "full-1",
    "commit": "0" * 40,
    "finished": "2026-11-29T10:00:00Z",
    "seconds": 12.5,
    "machine": {"python": "3"},
}
RECORD = Record("lamp", RUN, 1, ({**PASSED, "outcome": "passed"},), Inputs({"roles/lamp/a": "12"}, {"image x": "34"}))


def git(folder: Path, *argv: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    return subprocess.run(["git", *who, *argv], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of a collection with one role, all of it committed."""
    for name, text in {
        "roles/lamp/tasks/main.yml": "---\n",
        "molecule/lamp/molecule.yml": "---\n",
        "molecule/default/lab.json": '{"networks": [], "hosts": []}',
        "tests/tamper/not_shown/checks.yml": "[]\n",
        "roles/lamp/meta/tamper.yml": "[{id: unplugged, control: lamp.shines}]\n",
        "catalog/periodicity.yml": "activities: []\n",
        ".gitignore": ".cache\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_it_says_again_what_was_said(checkout: Path) -> None:
    assert write(Repository(checkout), [RECORD]) == ["tests/results/lamp.json"]
    assert load(Repository(checkout)) == {"lamp": RECORD}
    assert len(RECORD.text().splitlines()) < 20


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("2026-11-29", "2026-12-29"),
        lambda text: text.replace('"tests": 1', '"tests": 2'),
        lambda text: text.replace("test_shines", "test_glows"),
        lambda text: text.replace('"12"', '"13"'),
        lambda text: text.replace("debian12", "debian13"),
    ],
)
def test_an_edited_one_is_refused(edit: Callable[[str], str]) -> None:
    text = edit(RECORD.text())
    assert text != RECORD.text()
    with pytest.raises(ValueError, match=r"tests/results/lamp\.json was edited"):
        parse(RECORD.place, text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": {}}', RECORD.text().replace('"parts"', '"other"')])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no record of a test run"):
        parse(RECORD.place, text)


def test_a_record_elsewhere_or_of_a_failure_is_refused() -> None:
    with pytest.raises(ValueError, match=r"which belongs in tests/results/lamp\.json"):
        parse("tests/results/stove.json", RECORD.text())
    failed = Record("lamp", RUN, 1, ({**PASSED, "outcome": "failed"},), RECORD.inputs)
    with pytest.raises(ValueError, match="did not pass"):
        parse(RECORD.place, failed.text())


def test_a_content_has_the_id_that_git_gives_it(checkout: Path) -> None:
    path = checkout / "roles/lamp/meta/tamper.yml"
    assert git(checkout, "hash-object", str(path)).startswith(content_id(path.read_bytes()))


def kept(checkout: Path, monkeypatch: pytest.MonkeyPatch, *, passing: set[str], outcomes: dict[str, Any]) -> list[str]:
    """What a run keeps of the unit lamp, of which these scenarios passed with these outcomes."""
    results = checkout / ".cache/results"
    results.mkdir(parents=True, exist_ok=True)
    for suite, found in outcomes.items():
        (results / f"{suite}.json").write_text(json.dumps({"run": {}, "results": found}), encoding="utf-8")
    clock = checkout / ".cache/seconds.jsonl"
    lines = [{"kind": "playbook", "scenario": one, "seconds": 10} for one in ("lamp", "lamp", "tamper", "stove")]
    clock.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    monkeypatch.setattr(run_tests, "SECONDS", clock)
    tree = Repository(checkout)
    units = Units(tree)
    run = object.__new__(run_tests.Run)
    run.id, run.results = "full-1", results
    monkeypatch.setattr(run_tests.Run, "passing", passing)
    run_tests.keep_records(run, tree, recording.clean_commit(tree), {"lamp": units.inputs("lamp")}, units.roles)
    return sorted(path.name for path in checkout.glob("tests/results/*"))


TAMPERED = {"kind": "tamper", "id": "unplugged", "release": "debian12", "outcome": "passed"}
FOREIGN = {"kind": "tamper", "id": "of-another-role", "release": "debian12", "outcome": "passed"}
#: The scenarios of a role's unit.
ALL = {"lamp", "tamper", "site", "newsite"}
OUTCOMES = {"lamp": [{**PASSED, "outcome": "passed"}], "tamper": [TAMPERED, FOREIGN]}


def test_what_passed_is_kept_with_its_own_tamper_cases(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(checkout, monkeypatch, passing=ALL, outcomes=OUTCOMES) == ["lamp.json"]
    record = load(Repository(checkout))["lamp"]
    assert [one["id"] for one in record.results] == [PASSED["id"], "unplugged"]
    assert (record.tests, record.run["seconds"]) == (2, 25.0)
    assert record.run["commit"] == git(checkout, "rev-parse", "HEAD")
    assert record.inputs.files["roles/lamp/tasks/main.yml"] == content_id(b"---\n")
    # And what a run writes, the gate takes.
    assert gate.check(Repository(checkout)) == []


@pytest.mark.parametrize(
    "passing", [set(), {"lamp"}, ALL - {"lamp"}, ALL - {"tamper"}, ALL - {"site"}, ALL - {"newsite"}]
)
def test_what_did_not_pass_is_not_kept(checkout: Path, monkeypatch: pytest.MonkeyPatch, passing: set[str]) -> None:
    assert kept(checkout, monkeypatch, passing=passing, outcomes=OUTCOMES) == []


def test_the_outcomes_and_seconds_of_a_site_are_those_of_its_suites(checkout: Path) -> None:
    """Each test's by its file, a tamper case's too; the rest of the seconds is the whole demo's."""
    results, clock = checkout / ".cache/results", checkout / ".cache/seconds.jsonl"
    results.mkdir(parents=True)
    ran = {"audit": 4.0, "flows": 5.0, "outside": 6.0, "evidence": 7.0}
    files = {name: f"tests/behaviour/site/test_{name}.py" for name in ran}
    passed = {**PASSED, "outcome": "passed"}
    found = [{**passed, "id": f"{file}::test_it", "file": file} for file in files.values()]
    found.append({**TAMPERED, "id": "evidence-broken", "file": files["evidence"]})
    (results / "site.json").write_text(json.dumps({"run": {}, "results": found}), encoding="utf-8")
    lines: list[dict[str, Any]] = [
        {"kind": "test", "scenario": "site", "name": f"{files[name]}::test_it[a]", "seconds": took}
        for name, took in ran.items()
    ]
    lines += [{"kind": "playbook", "scenario": "site", "name": name, "seconds": 30} for name in ("create", "verify")]
    clock.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    inputs = dict.fromkeys(("site", "site-flows", "site-evidence"), Inputs({"a": "1"}, {}))
    about = {"id": "full-1", "commit": "0" * 40, "finished": "2026-11-29T10:00:00Z"}
    made = {one.unit: one for one in recording.records(Repository(checkout), about, results, clock, inputs)}
    assert {unit: (one.tests, one.run["seconds"]) for unit, one in made.items()} == {
        "site": (1, 42.0),
        "site-flows": (2, 11.0),
        "site-evidence": (2, 7.0),
    }
    assert {one["id"] for one in made["site-evidence"].results} == {f"{files['evidence']}::test_it", "evidence-broken"}
    write(Repository(checkout), made.values())
    assert load(Repository(checkout)) == made


def test_changes_that_no_commit_has_are_not_recorded(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "roles/lamp/tasks/other.yml").write_text("---\n", encoding="utf-8")
    assert kept(checkout, monkeypatch, passing=ALL, outcomes=OUTCOMES) == []
    assert "no record is kept" in capsys.readouterr().out


def test_the_gate_asks_the_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(checkout, monkeypatch, passing=ALL, outcomes=OUTCOMES)
    true = load(Repository(checkout))["lamp"]
    forged = Record("lamp", true.run, true.tests, true.results, Inputs({**true.inputs.files, "roles/lamp/x": "1"}, {}))
    write(Repository(checkout), [forged])
    (problem,) = gate.check(Repository(checkout))
    assert problem.endswith("these were not so: roles/lamp/x")
    write(Repository(checkout), [Record("lamp", RUN, true.tests, true.results, true.inputs)])
    assert gate.check(Repository(checkout)) == [f"tests/results/lamp.json: no commit is {'0' * 40}"]
    write(Repository(checkout), [Record("gone", true.run, true.tests, true.results, true.inputs)])
    assert any("there is no unit gone; there are: lamp, site" in one for one in gate.check(Repository(checkout)))


def test_a_copy_without_its_history_is_not_asked(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    write(Repository(checkout), [RECORD])
    copy = Repository(checkout).copy_to(tmp_path_factory.mktemp("tarball"))
    assert gate.check(Repository(copy)) == []
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "begun anew")
    assert gate.check(Repository(copy)) == []
