# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated and committed is what its generator makes now."""

from __future__ import annotations

import sys

from tools.gates.base import Gate, command
from tools.repository import Repository

#: Each takes --check: it changes nothing and fails when its file is out of date.
GENERATORS = tuple(
    f"tools.render_{what}" for what in ("default_checks", "control_reference", "role_variables", "site_schema")
)


def check(repository: Repository) -> list[str]:
    """The generators' complaints."""
    return [
        problem
        for generator in GENERATORS
        for problem in command([sys.executable, "-m", generator, "--check"], folder=repository.root)
    ]


GATE = Gate("generated", check, seconds=2)
