# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of the own machine: nothing but Python, read-only, with evidence like any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as a bare Python does, without any installed package."""
    blocker = "import sys; sys.modules.update(dict.fromkeys(('ansible', 'yaml', 'jinja2'))); sys.path.insert(0, '.'); "
    code = blocker + "from tools.audit_local import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-S", "-c", code, *arguments]
    return subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)


def test_it_makes_a_bundle_without_any_package(tmp_path: Path) -> None:
    done = run("--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    made = tmp_path / os.readlink(tmp_path / "latest")
    assert f"Report: {made}/report.html" in done.stdout
    record = json.loads(next((made / "hosts").iterdir()).read_text())
    defaults = json.loads((REPOSITORY / "catalog" / "default_checks.json").read_text())
    assert [one["check"] for one in record["findings"]] == [
        row["id"] for row in defaults["checks"] if row["kinds"] == "all"
    ]
    check = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=made, check=False)
    assert check.returncode == 0


def test_the_tree_is_not_touched(tmp_path: Path) -> None:
    before = subprocess.run(["git", "status", "--porcelain"], cwd=REPOSITORY, capture_output=True, check=False).stdout
    run("--output", str(tmp_path))
    after = subprocess.run(["git", "status", "--porcelain"], cwd=REPOSITORY, capture_output=True, check=False).stdout
    assert after == before


@pytest.mark.parametrize("arguments", [["--kind", "spaceship"], ["--nonsense"], ["--output", "/dev/null/evidence"]])
def test_bad_use_is_2_and_one_sentence(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
