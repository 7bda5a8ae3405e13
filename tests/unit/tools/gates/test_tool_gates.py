# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the gates around other tools that need none of them."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from tools.gates.checks import ansible_lint, galaxy_importer, release, sanity, shellcheck

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.tools.conftest import Tree


def test_get_pip_is_provided_once(tmp_path: Path) -> None:
    names = sanity.get_pip_names()
    assert names
    assert sanity.provide_get_pip(tmp_path) == names
    (tmp_path / names[0]).write_text("the real one")
    assert sanity.provide_get_pip(tmp_path) == []
    assert (tmp_path / names[0]).read_text() == "the real one"


def test_an_ignore_file_with_an_entry(tree: Tree) -> None:
    tree.write("tests/sanity/ignore-2.19.txt", "")
    assert sanity.ignored(tree.repository()) == []
    tree.write("tests/sanity/ignore-2.19.txt", "plugins/x.py pylint:all\n")
    assert len(sanity.ignored(tree.repository())) == 1


def test_what_ansible_test_leaves_out_has_not_passed() -> None:
    output = 'Running sanity test "x"\nWARNING: Skipping sanity test "pylint" on Python 3.11 because of no reason.\n'
    assert len(sanity.skipped(output)) == 1
    assert sanity.skipped(output.replace("pylint", "pslint")) == []


def test_complaints_are_told_from_chatter() -> None:
    output = 'Running sanity test "x"\nCollecting x\nERROR: a.py:1: bad\n>>> Standard Error\nwhy\n'
    assert sanity.complaints(output) == "ERROR: a.py:1: bad\n>>> Standard Error\nwhy"
    assert sanity.complaints("Collecting x\n") == "Collecting x\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".ansible-lint", "skip_list:\n  - yaml\n"),
        (".ansible-lint", "profile: production\nwarn_list: []\n"),
        (".ansible-lint-ignore", ""),
        ("roles/lamp/tasks/main.yml", "- name: x # noqa: name[casing]\n"),
    ],
)
def test_ways_round_ansible_lint(tree: Tree, name: str, text: str) -> None:
    assert ansible_lint.skips(tree.repository()) == []
    tree.write(name, text)
    assert len(ansible_lint.skips(tree.repository())) == 1


def test_shell_files(tree: Tree) -> None:
    tree.write(".ci/run", "#!/bin/sh\nmake test\n")
    tree.write("roles/lamp/files/rollback", "#!/usr/bin/env bash\n")
    tree.write("tools/other", "#!/usr/bin/python3\n")
    tree.write("tests/x.sh", "true\n")
    assert shellcheck.shell_files(tree.repository()) == [".ci/run", "roles/lamp/files/rollback", "tests/x.sh"]


def test_strangers_in_the_tarball(tree: Tree) -> None:
    tarball = tree.root / "made.tar.gz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name in ("MANIFEST.json", "roles/lamp/tasks/main.yml", ".old/a", ".old/b"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    problems = release.strangers(tree.repository(), tarball)
    assert len(problems) == 1
    assert problems[0].startswith(".old: 2 file(s)")


def test_plugins_by_type(tree: Tree) -> None:
    tree.write("plugins/modules/lamp.py", "")
    tree.write("plugins/action/lamp.py", "")
    tree.write("plugins/filter/shades.py", "")
    tree.write("plugins/filter/shade.yml", {})
    assert release.plugins(tree.repository()) == {
        "filter": ["ringfence.callcenter.shade"],
        "module": ["ringfence.callcenter.lamp"],
        "role": ["ringfence.callcenter.lamp"],
    }


def test_a_plugin_that_ansible_doc_does_not_know() -> None:
    assert release.documentation_problems("module", ["a.b.c"], 'WARNING\n{"a.b.c": {"doc": {}}}') == []
    assert len(release.documentation_problems("module", ["a.b.c"], "{}")) == 1
    assert len(release.documentation_problems("module", ["a.b.c"], "no such plugin")) == 1


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("Loading role WARNING", 0),
        ("WARNING: Ignore files skip ansible-test sanity tests, found ignore-2.19.txt with 0 statement(s)", 0),
        ("WARNING: Ignore files skip ansible-test sanity tests, found ignore-2.19.txt with 1 statement(s)", 1),
        ("ERROR: The import failed for the following reason: No role readme found.", 1),
    ],
)
def test_complaints_of_the_importer(line: str, count: int) -> None:
    assert len(galaxy_importer.complaints(f"Importing\n{line}\n")) == count
