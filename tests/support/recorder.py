# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what a test run saw pass, per claim-bearing test and Debian release.

One JSON file a pytest session in ``.cache/results`` (the folder named by RINGFENCE_RESULTS), read by ``make claims``.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
_WORSE = {"passed": 0, "skipped": 1, "failed": 2}


def commit() -> str:
    """The checkout's commit, with a mark when the tree has other changes; unknown outside git."""
    git = ["git", "-C", str(REPOSITORY)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode != 0:
        return "unknown"
    dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False).stdout.strip()
    return head.stdout.strip() + ("+changes" if dirty else "")


class Recorder:
    """A pytest plugin that keeps the worst outcome of each test on each release."""

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.outcomes: dict[tuple[str, str, str], str] = {}
        self.files: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Note the outcome of one phase of one test."""
        report = yield
        if report.when != "call" and report.passed:
            return report
        known = {name: str(value) for name, value in item.user_properties}
        identity = known.get("id") or item.nodeid.split("[", maxsplit=1)[0]
        self.files[identity] = item.nodeid.split("::", maxsplit=1)[0]
        # A test of a whole site shows something on every release that its hosts run.
        for release in [str(value) for name, value in item.user_properties if name == "release"] or [""]:
            key = (known.get("kind", "behaviour"), identity, release)
            if _WORSE[report.outcome] >= _WORSE.get(self.outcomes.get(key, "passed"), 0):
                self.outcomes[key] = report.outcome
        return report

    def pytest_sessionfinish(self) -> None:
        """Write the record of this session."""
        if not self.outcomes:
            return
        folder = Path(os.environ.get("RINGFENCE_RESULTS", REPOSITORY / ".cache" / "results-role"))
        folder.mkdir(parents=True, exist_ok=True)
        finished = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = {
            "run": {
                "id": os.environ.get("RINGFENCE_RUN", f"single-{finished}"),
                "commit": commit(),
                "finished": finished,
                "full": os.environ.get("RINGFENCE_FULL") == "1",
            },
            "results": [
                {"kind": kind, "id": identity, "release": release, "outcome": outcome, "file": self.files[identity]}
                for (kind, identity, release), outcome in sorted(self.outcomes.items())
            ],
        }
        path = folder / f"{self.suite}.json"
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
