# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as a person runs it: one play over hosts that answer, that do not, and that answer nonsense."""

from __future__ import annotations

import json
import os
import pwd
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CONTROLS = """
kinds: all
controls:
  - id: sample.root
    title: A folder
    claims: [inbound-drop]
    pci_dss: ['1.2.1']
    checks:
      - id: type
        aspect: running
        probe: file_attributes
        with: {path: "{{ sample_path }}"}
        expect: {type: directory}
  - id: sample.off
    title: A control that is switched off
    when: "{{ sample_state == 'absent' }}"
    not_applicable: "{{ sample_state }} here"
    checks:
      - {id: type, aspect: running, probe: file_attributes, with: {path: /}, expect: {type: file}}
"""
#: A file system takes no longer name than 255 bytes.
LONG = "h" * 250
INVENTORY = """
all:
  vars:
    ansible_connection: local
    ansible_become: false
    ansible_python_interpreter: '%(python)s'
  hosts:
    good: {}
    failing: {sample_path: /nonesuch}
    broken: {sample_path: "{{ nobody_knows }}"}
    babbling: {ansible_python_interpreter: "/bin/echo rubbish #"}
    nopython: {ansible_python_interpreter: /nonesuch/python}
    dead: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 9}
    away: {}
    %(long)s: {}
    GOOD: {}
  children:
    kind_gateway:
      hosts: {good: {}}
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, playbook: Any) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run over all kinds of hosts, and its evidence folder."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in {
        "roles/sample/meta/controls.yml": CONTROLS,
        "roles/sample/defaults/main.yml": 'sample_path: "{{ sample_base }}"\nsample_base: /\nsample_state: present\n',
        "roles/gate/meta/controls.yml": CONTROLS.replace("sample", "gate").replace("kinds: all", "kinds: [gateway]"),
        "roles/gate/defaults/main.yml": "gate_path: /\ngate_state: present\n",
        "hosts.yml": INVENTORY % {"python": sys.executable, "long": LONG},
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    extra = json.dumps({"audit_exports": ["junit"], "audit_store": "sqlite"})
    return run(playbook, folder, "--limit", "all:!away", "-e", extra), folder / "evidence"


def run(playbook: Any, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Audit the roles in that folder."""
    done: subprocess.CompletedProcess[str] = playbook(
        "audit", folder, "-e", f"audit_roles_path={folder / 'roles'}", *arguments
    )
    return done


def record_of(evidence: Path, host: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((evidence / "latest" / "hosts" / f"{host}.json").read_text())
    return data


def statuses_of(evidence: Path, host: str) -> dict[str, str]:
    return {one["check"]: one["status"] for one in record_of(evidence, host)["findings"]}


def test_the_exit_status_and_one_sentence_say_that_it_is_red(audited: Any) -> None:
    done, evidence = audited
    assert done.returncode == 2, done.stdout + done.stderr
    assert (
        "The audit needs attention: findings with status 1 fail, 2 error, 4 not observed" in done.stdout + done.stderr
    )
    assert f"Report: {evidence}/" in done.stdout
    assert (evidence / "latest" / "report.html").is_file()


def test_role_variables_are_filled_in_and_kinds_decide(audited: Any) -> None:
    _done, evidence = audited
    assert statuses_of(evidence, "good") == {
        "gate.root.type": "pass",
        "gate.off.type": "not_applicable",
        "sample.root.type": "pass",
        "sample.off.type": "not_applicable",
    }
    assert record_of(evidence, "good")["findings"][3]["reason"] == "present here"
    assert statuses_of(evidence, "failing")["sample.root.type"] == "fail"


def test_a_broken_variable_is_an_error_finding(audited: Any) -> None:
    _done, evidence = audited
    assert statuses_of(evidence, "broken") == {"sample.root.type": "error", "sample.off.type": "not_applicable"}
    reason = record_of(evidence, "broken")["findings"][0]["reason"]
    assert "sample.root" in reason
    assert "nobody_knows" in reason


def test_every_name_of_a_host_gets_a_file_of_its_own(audited: Any) -> None:
    """Also one that is too long for a file, and two that some file systems take for the same."""
    _done, evidence = audited
    records = {path.name: json.loads(path.read_text())["host"] for path in (evidence / "latest" / "hosts").iterdir()}
    assert sorted(records.values()) == sorted(
        ["good", "failing", "broken", "babbling", "nopython", "dead", "away", LONG, "GOOD"]
    )
    assert len({name.lower() for name in records}) == len(records)


@pytest.mark.parametrize(
    ("host", "status", "reason"),
    [
        ("babbling", "error", "the host's output holds no answer"),
        ("nopython", "not_observed", "the probes could not be run (exit status 127)"),
        ("dead", "not_observed", "unreachable: "),
        ("away", "not_observed", "not among the hosts that this run was limited to"),
    ],
)
def test_a_host_without_an_answer_is_in_the_evidence_by_name(audited: Any, host: str, status: str, reason: str) -> None:
    done, evidence = audited
    record = record_of(evidence, host)
    assert record["observed"] is False
    assert record["reason"].startswith(reason)
    assert statuses_of(evidence, host)["sample.root.type"] == status
    assert f"  {host}: {reason}" in done.stdout


def test_the_population_is_the_whole_inventory(audited: Any) -> None:
    _done, evidence = audited
    run_json = json.loads((evidence / "latest" / "run.json").read_text())
    assert run_json["population"]["hosts"] == 9
    assert run_json["population"]["observed"] == 5
    assert {row["host"] for row in run_json["population"]["not_observed"]} == {"babbling", "nopython", "dead", "away"}
    assert run_json["controller"]["user"] == pwd.getpwuid(os.getuid()).pw_name
    state = record_of(evidence, "good")["state"]
    assert "root" in {one["name"] for one in state["accounts"]}
    assert "$y$" not in json.dumps(state)
    look = record_of(evidence, "good")["look"]
    assert isinstance(look["account"]["uid"], int)
    assert abs(look["clock_offset_seconds"]) <= look["clock_uncertainty_seconds"] + 0.01


def test_green_exits_with_0_and_chains(audited: Any, playbook: Any) -> None:
    _done, evidence = audited
    before = os.readlink(evidence / "latest")
    done = run(
        playbook, evidence.parent, "--limit", "good", "-e", json.dumps({"audit_fail_on": ["fail", "error"]}), "--check"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((evidence / "latest" / "manifest.json").read_text())
    assert manifest["previous_run"] == before


def test_wrong_controls_are_refused_before_anything_is_asked(audited: Any, playbook: Any) -> None:
    _done, evidence = audited
    before = sorted(os.listdir(evidence))
    done = run(playbook, evidence.parent, "-e", json.dumps({"audit_roles": ["sample", "nonesuch"]}))
    assert done.returncode != 0
    assert "roles: 'nonesuch' has no meta/controls.yml" in done.stdout + done.stderr
    assert "Observe the host" not in done.stdout
    assert sorted(os.listdir(evidence)) == before


def test_a_red_audit_is_exported_and_kept_too(audited: Any) -> None:
    """What a CI server reads, and the history, are of the bundle that was just sealed."""
    done, evidence = audited
    assert done.returncode != 0
    (exported,) = (evidence / "exports").iterdir()
    assert exported.name in done.stdout
    assert [path.name for path in exported.iterdir()] == ["junit.xml"]
    with sqlite3.connect(evidence / "evidence.sqlite") as store:
        assert store.execute("select distinct run from findings").fetchall() == [(exported.name,)]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"audit_store": "mysql://db1/evidence"}, "mysql is not supported; valid stores: sqlite"),
        ({"audit_store": "sqlite:////nonesuch/evidence.sqlite"}, "cannot be opened: No such file or directory"),
        ({"audit_exports": ["csv", "docx"]}, "docx"),
    ],
)
def test_what_could_not_be_written_afterwards_is_refused_before_anything_is_asked(
    audited: Any, playbook: Any, asked: dict[str, Any], words: str
) -> None:
    _done, evidence = audited
    before = sorted(os.listdir(evidence))
    done = run(playbook, evidence.parent, "-e", json.dumps(asked))
    assert done.returncode != 0
    assert words in " ".join((done.stdout + done.stderr).split())
    assert "Observe the host" not in done.stdout
    assert sorted(os.listdir(evidence)) == before


def test_a_format_without_its_library_keeps_no_other_from_being_written(
    audited: Any, playbook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _done, evidence = audited
    (tmp_path / "openpyxl.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = playbook(
        "export",
        evidence.parent,
        *("-e", f"export_dir={tmp_path}/out", "-e", json.dumps({"audit_exports": ["xlsx", "csv", "junit"]})),
    )
    assert done.returncode == 2
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["accounts.csv", "claims.csv", "findings.csv", "hosts.csv", "junit.xml", "requirements.csv"]
    said = " ".join((done.stdout + done.stderr).split())
    told = "Not exported: xlsx: the Python package openpyxl is not installed on the controller; install it: "
    assert said.count(told) == 1, said
    assert said.count("-m pip install openpyxl") == 1
    assert "Not exported: xlsx; the others were written. A warning says what is missing." in said
