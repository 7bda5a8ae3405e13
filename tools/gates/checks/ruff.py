# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ruff's rules (see pyproject.toml)."""

from __future__ import annotations

from tools.gates.base import Gate, command
from tools.repository import Repository


def check(repository: Repository) -> list[str]:
    """What ruff says."""
    return command(["ruff", "check", "--quiet", "--output-format", "concise", "."], folder=repository.root)


GATE = Gate("ruff", check)
