# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All Python is formatted the way ``ruff format`` does it."""

from __future__ import annotations

from tools.gates.base import Gate, run
from tools.repository import Repository


def check(repository: Repository) -> list[str]:
    """The files that the formatter would change."""
    done = run(["ruff", "format", "--diff", "--quiet", "."], folder=repository.root)
    if done.status == 0:
        return []
    changed = sorted({line[4:] for line in done.output.splitlines() if line.startswith("+++ ")})
    return [f"{name}: run `ruff format`" for name in changed] or [done.output]


GATE = Gate("ruff-format", check)
