# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each export is read back by another program, and says there what the bundle says."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import exports
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle
from tests.support.programs import missing, program
from tools.lab import node

from .conftest import ODD

STATUS_OF_HDF = {
    "door.pass": "Passed",
    "door.fail": "Failed",
    "door.excepted": "Failed",
    "door.error": "Profile Error",
    "door.not_observed": "Not Reviewed",
    "door.not_applicable": "Not Applicable",
}


def written(sealed: SealedBundle, name: str, folder: Path) -> dict[str, Path]:
    """The files of a format on the disk, by their relative paths."""
    made = {}
    for path, content in exports.FORMATS[name](sealed).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        made[path] = target
    return made


# The PDF takes seconds; that it stays the same is seen where a playbook writes it twice (test_planted_secrets).
@pytest.mark.parametrize("name", sorted(set(exports.FORMATS) - {"pdf"}))
def test_the_same_bundle_gives_the_same_files(sealed: SealedBundle, name: str) -> None:
    first = exports.FORMATS[name](sealed)
    time.sleep(2.1 if name == "xlsx" else 0)  # archives count in steps of two seconds
    assert exports.FORMATS[name](sealed) == first


def test_csv_holds_every_finding_and_no_formula(sealed: SealedBundle) -> None:
    files = exports.FORMATS["csv"](sealed)
    rows = list(csv.DictReader(io.StringIO(files["findings.csv"].decode(), newline="")))
    assert {row["check"]: row["status"] for row in rows} == {
        one["check"]: one["status"] for _record, one in sealed.findings()
    }
    failed = next(row for row in rows if row["status"] == "fail")
    assert failed["reason"] == f"'{ODD}"
    assert json.loads(failed["observed"]) == {"bolt": ODD}
    assert failed["requirements"] == "1.2.1"
    hosts = list(csv.DictReader(io.StringIO(files["hosts.csv"].decode(), newline="")))
    assert [(row["host"], row["observed"]) for row in hosts] == [("gw1.example", "yes"), ("lost", "no")]
    evidence = {row["id"]: row["evidence"] for row in csv.DictReader(io.StringIO(files["requirements.csv"].decode()))}
    assert evidence["1.2.1"] == "does_not_support"
    assert evidence["1.3.1"] == "supports"


def test_a_workbook_opens_with_the_same_rows(sealed: SealedBundle) -> None:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(exports.FORMATS["xlsx"](sealed)["evidence.xlsx"]))
    assert book.sheetnames == ["findings", "requirements", "claims", "hosts", "accounts"]
    rows = list(book["findings"].iter_rows(values_only=True))
    column = rows[0].index("status")
    assert [row[column] for row in rows[1:]] == [one["status"] for _record, one in sealed.findings()]
    formulas = [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_junit_counts_what_did_not_run_as_an_error(sealed: SealedBundle) -> None:
    from junitparser import JUnitXml

    read = JUnitXml.fromstring(exports.FORMATS["junit"](sealed)["junit.xml"])
    suites = {suite.name: suite for suite in read}
    seen = suites["gw1.example"]
    assert (seen.tests, seen.failures, seen.errors, seen.skipped) == (6, 1, 2, 2)
    results = {case.name: [type(one).__name__.lower() for one in case.result] for case in seen}
    assert results["door.pass.now"] == []
    assert results["door.not_observed.now"] == ["error"]
    assert results["door.excepted.now"] == ["skipped"]
    assert [case.name for case in suites["lost"]] == ["observed"]
    assert suites["lost"].errors == 1


def test_xccdf_is_valid_for_openscap(sealed: SealedBundle, tmp_path: Path) -> None:
    oscap = program("oscap")
    path = written(sealed, "xccdf", tmp_path)["xccdf.xml"]
    argv = [oscap, "xccdf", "validate", "--schematron", str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    warned = [
        line for line in said.splitlines() if "Warning" in line and "the CPE Formatted String binding" not in line
    ]
    assert warned == []
    info = subprocess.run([oscap, "info", str(path)], capture_output=True, text=True, check=True, timeout=120).stdout
    assert "xccdf_org.ringfence_testresult_" in info
    broken = tmp_path / "broken.xml"
    broken.write_bytes(path.read_bytes().replace(b"<result>pass<", b"<result>passed<"))
    argv[-1] = str(broken)
    assert subprocess.run(argv, capture_output=True, check=False, timeout=120).returncode != 0


def test_xccdf_results_are_the_findings(sealed: SealedBundle) -> None:
    import xml.etree.ElementTree as ET

    space = {"x": "http://checklists.nist.gov/xccdf/1.2"}
    root = ET.fromstring(exports.FORMATS["xccdf"](sealed)["xccdf.xml"])  # noqa: S314  # our own document
    results = {
        row.get("idref", "").removeprefix("xccdf_org.ringfence_rule_door."): row.findtext("x:result", None, space)
        for row in root.iterfind("x:TestResult/x:rule-result", space)
    }
    assert {check: result for check, result in results.items() if check.endswith(".now")} == {
        "pass.now": "pass",
        "fail.now": "fail",
        "excepted.now": "fail",
        "error.now": "error",
        "not_observed.now": "notchecked",
        "not_applicable.now": "notapplicable",
    }


def test_oscal_is_valid_for_trestle_and_every_id_is_there(sealed: SealedBundle, tmp_path: Path) -> None:
    from trestle.oscal.assessment_results import AssessmentResults
    from trestle.oscal.component import ComponentDefinition

    files = written(sealed, "oscal", tmp_path)
    results = AssessmentResults.oscal_read(files["oscal/assessment-results.json"])
    definition = ComponentDefinition.oscal_read(files["oscal/component-definition.json"])
    assert results is not None
    assert definition is not None
    result = results.results[0]
    states = {one.target.target_id: one.target.status.state.value for one in result.findings}
    assert states["pci-dss-1.3.1"] == "satisfied"
    assert states["pci-dss-1.2.1"] == "not-satisfied"
    assert "pci-dss-12.1.1" not in states, "no control serves it, so nothing can be said of it"
    observations = {one.uuid for one in result.observations}
    assert len(observations) == len(list(sealed.findings()))
    related = {one.observation_uuid for found in result.findings for one in found.related_observations or []}
    of_door = {one.uuid for one in result.observations if "door." in one.title and "not_applicable" not in one.title}
    assert of_door <= related <= observations
    items = {one.uuid for one in result.local_definitions.inventory_items}
    assert {one.subject_uuid for seen in result.observations for one in seen.subjects} <= items
    assert len(items) == 3, "two hosts and the site itself"


def test_oscal_ids_refer_to_what_exists(sealed: SealedBundle) -> None:
    """What the validator does not look at: no id is there twice, every reference within a document leads somewhere."""
    known = {f"pci-dss-{row['id'].lower()}" for row in sealed.requirements}
    for content in exports.FORMATS["oscal"](sealed).values():
        document = json.loads(content)
        ids, references, controls = [], [], []
        stack: list[Any] = [document]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                ids += [value["uuid"]] if "uuid" in value else []
                references += [value[key] for key in ("observation-uuid", "subject-uuid") if key in value]
                references += [value[key][1:] for key in ("href", "source") if str(value.get(key)).startswith("#")]
                controls += [value[key] for key in ("control-id", "target-id") if key in value]
                stack += value.values()
            elif isinstance(value, list):
                stack += value
        assert len(set(ids)) == len(ids)
        assert set(references) <= set(ids)
        assert controls
        assert set(controls) <= known
        assert all(uuid.UUID(one).version == 5 for one in ids)


def test_heimdall_shows_each_status_as_what_it_is(sealed: SealedBundle, tmp_path: Path) -> None:
    interpreter = program("node")
    if not (node.FOLDER / node.STAMP).exists():
        missing("what tests/interop names")
    path = written(sealed, "hdf", tmp_path)["hdf/gw1.example.json"]
    argv = [interpreter, str(node.FOLDER / "read_hdf.js"), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout) == {str(path): STATUS_OF_HDF}


def test_a_host_without_findings_has_no_hdf_file(sealed: SealedBundle) -> None:
    assert list(exports.FORMATS["hdf"](sealed)) == ["hdf/gw1.example.json", "hdf/%28site%29.json"]
