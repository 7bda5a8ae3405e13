# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases of ``tests/tamper/ROLE.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.repository import Repository


@dataclass(frozen=True)
class Tamper:
    """One case, as written in the file ``name``."""

    name: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.raw.get("id", ""))

    @property
    def control(self) -> str:
        """The control that it must turn red."""
        return str(self.raw.get("control", ""))

    @property
    def role(self) -> str:
        """The role that the file is for."""
        return self.name.rsplit("/", 1)[-1][: -len(".yml")]


def tamper_files(repository: Repository) -> list[str]:
    """The files with cases; folders below hold the harness."""
    return [name for name in repository.files("tests/tamper/*.yml") if name.count("/") == 2]


def tampers(repository: Repository) -> list[Tamper]:
    """Every case of every file; what is no mapping is left to the gate to refuse."""
    found = []
    for name in tamper_files(repository):
        rows = repository.load(name)
        found += [Tamper(name, row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return found
