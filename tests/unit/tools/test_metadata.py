# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection says of itself in several places is the same in all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
DOCUMENTS = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("roles/*/README.md")]


def versions(name: str) -> set[str]:
    """The pins of a file of requirements, by lines without markers and comments."""
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    return {line.split(";")[0].strip() for line in lines if line.strip() and not line.startswith("#")}


def test_one_oldest_ansible_core() -> None:
    needed = yaml.safe_load((REPOSITORY / "meta/runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    told = {
        yaml.safe_load((REPOSITORY / f"roles/{role}/meta/main.yml").read_text(encoding="utf-8"))["galaxy_info"][
            "min_ansible_version"
        ]
        for role in ROLES
    }
    assert {f">={one}.0" for one in told} == {needed}


def test_an_execution_environment_has_the_versions_that_are_tested() -> None:
    described = yaml.safe_load((REPOSITORY / "meta/execution-environment.yml").read_text(encoding="utf-8"))
    for path in described["dependencies"].values():
        assert (REPOSITORY / path).is_file()
    assert versions("meta/execution-environment-python.txt") <= versions("requirements.txt")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_control_that_a_document_names_is_there(path: Path) -> None:
    """The threat model among them: a line that rests on a control goes with it."""
    known = set()
    for role in ROLES:
        listed = yaml.safe_load((REPOSITORY / f"roles/{role}/meta/controls.yml").read_text(encoding="utf-8"))
        known |= {control["id"] for control in listed["controls"]}
    names = "|".join(ROLES)
    told = set(re.findall(rf"`((?:{names})\.[a-z_]+)`", path.read_text(encoding="utf-8")))
    # Folders and files of a role are no controls.
    assert {one for one in told if not one.endswith((".yml", ".md"))} - known == set()
