# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history as a person asks for it: from the bundles to the page in one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, catalog, findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material

ABOUT = {"collection": {"name": "ringfence.callcenter", "version": "0.1.0", "commit": None}, "ansible": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site's folder with two runs of a host that was never observed."""
    (tmp_path / "hosts.yml").write_text("all: {hosts: {gw1: {}}}\n")
    for _run in range(2):
        partial = bundle.open_run(str(tmp_path / "evidence"), {"name": "north", "title": "The north"})
        record = findings.record("gw1", attributes={"kinds": [], "groups": []}, findings=[], reason="unreachable")
        bundle.seal(partial, Material(records=[record], controls=[], catalog=catalog.load(), about=ABOUT))
    return tmp_path


def test_the_page_comes_from_the_bundles(folder: Path, playbook: Any) -> None:
    done = playbook("trends", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    out = folder / "evidence" / "trends"
    assert sorted(path.name for path in out.iterdir()) == ["trends.csv", "trends.html", "trends.json"]
    assert "The north" in (out / "trends.html").read_text()
    assert [len(site["runs"]) for site in json.loads((out / "trends.json").read_text())["sites"]] == [2]
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    again = playbook("trends", folder)
    assert again.returncode == 0
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("trends_site=nort", "the store has no site nort. Valid: north. Did you mean north"),
        ("trends_since=yesterday", "yesterday is no day; valid is one such as 2026-01-31"),
    ],
)
def test_wrong_input_is_one_sentence(folder: Path, playbook: Any, given: str, said: str) -> None:
    done = playbook("trends", folder, "-e", given)
    assert done.returncode == 2
    assert said in " ".join((done.stdout + done.stderr).split())
    assert not (folder / "evidence" / "trends").exists()
