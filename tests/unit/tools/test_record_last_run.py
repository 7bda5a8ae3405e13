# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the record of the last full run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.unit.tools.test_claims import BOTH, light, record, result
from tools.record_last_run import main

if TYPE_CHECKING:
    import pytest

    from tests.unit.tools.conftest import Tree


def test_the_copy_says_what_the_record_says(tree: Tree) -> None:
    tree.write(".cache/results/lamp.json", record(*BOTH))
    tree.write(".cache/results/site.json", record(result(BOTH[0]["id"], "debian13", "failed")))
    before = light(tree)
    assert main(tree.repository()) == 0
    shutil.rmtree(tree.root / ".cache")
    assert light(tree) == before
    assert before.proven_on == ["debian12"]


def test_no_full_run(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    tree.write(".cache/results/lamp.json", record(full=False))
    assert main(tree.repository()) == 1
    assert "no full test run" in capsys.readouterr().err
