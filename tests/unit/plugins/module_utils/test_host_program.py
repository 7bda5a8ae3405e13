# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that travels to a host: run here as there, by a bare isolated Python from standard input."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import host_program
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload

CHECK = {
    "id": "sample.here.attributes",
    "control": "sample.here",
    "role": "sample",
    "aspect": "configured",
    "probe": "file_attributes",
    "with": {"path": "/"},
    "expect": {"type": "directory"},
}


def ask(checks: list[dict[str, Any]], mark: str = "mark") -> subprocess.CompletedProcess[str]:
    packed = host_payload.pack(host_payload.audit_job(checks, mark))
    argv = [sys.executable, "-I", "-S", "-"]
    return subprocess.run(argv, input=host_payload.script(packed).decode(), capture_output=True, text=True, check=False)


def test_a_bare_python_answers_between_the_marks() -> None:
    done = ask([CHECK])
    assert done.returncode == 0, done.stderr
    answer = host_payload.extract(done.stdout, "mark")
    assert [one["status"] for one in answer["findings"]] == ["pass"]
    assert answer["schema"] == 1
    assert answer["started"] <= answer["finished"]


def test_the_answer_is_ascii_and_masked() -> None:
    done = ask([{**CHECK, "with": {"path": "/näh/4111111111111111"}, "expect": {"exists": True}}])
    assert done.stdout.isascii()
    finding = host_payload.extract(done.stdout, "mark")["findings"][0]
    assert finding["status"] == "fail"
    assert finding["source"] == "/näh/************1111"


def test_it_stays_clear_of_slow_imports() -> None:
    program = host_payload.script(host_payload.pack(host_payload.audit_job([CHECK], "m"))).decode()
    program += "import sys, json\nprint(json.dumps(sorted(sys.modules)))\n"
    argv = [sys.executable, "-I", "-S", "-"]
    done = subprocess.run(argv, input=program, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.strip().splitlines()[-1]))
    assert loaded.isdisjoint({"asyncio", "urllib.request", "http.client", "ssl", "ansible", "yaml"})


def test_run_leaves_no_module_and_no_importer_behind() -> None:
    before = list(sys.meta_path)
    answer = host_program.run(host_payload.audit_job([CHECK]))
    assert answer["findings"][0]["status"] == "pass"
    assert sys.meta_path == before
    assert not [name for name in sys.modules if name.startswith(host_program.PACKAGE)]


def test_a_broken_probe_is_an_error_finding_of_its_own() -> None:
    job = host_payload.audit_job([CHECK, {**CHECK, "id": "sample.here.two"}])
    job["sources"]["probes/broken.py"] = "raise RuntimeError('broken')\n"
    job["checks"][1]["probe"] = "broken"
    statuses = [one["status"] for one in host_program.run(job)["findings"]]
    assert statuses == ["pass", "error"]


def test_unpack_is_the_way_back() -> None:
    job = host_payload.audit_job([CHECK], "m")
    assert host_program.unpack(host_payload.pack(job)) == job


def test_garbage_is_refused() -> None:
    with pytest.raises(ValueError, match=r".*"):
        host_program.unpack("no job")
