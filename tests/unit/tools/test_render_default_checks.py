# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated checks are up to date, and every one can be packed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tools.render_default_checks", *arguments]
    return subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)


def test_the_file_is_up_to_date() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stderr


def test_it_is_deterministic_and_a_difference_is_told(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    for path in (one, two):
        assert run("--output", str(path)).returncode == 0
    assert one.read_bytes() == two.read_bytes()
    two.write_text("{}")
    done = run("--check", "--output", str(two))
    assert done.returncode == 1
    assert "is not up to date" in done.stderr


def test_no_template_is_left_over() -> None:
    data = json.loads((REPOSITORY / "catalog" / "default_checks.json").read_text(encoding="utf-8"))
    assert "{{" not in json.dumps(data["checks"])
    assert len({row["id"] for row in data["checks"]}) == len(data["checks"])
