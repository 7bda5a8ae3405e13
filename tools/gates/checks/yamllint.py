# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""yamllint, warnings included, over every YAML file."""

from __future__ import annotations

from tools.gates.base import Gate, command
from tools.repository import Repository


def check(repository: Repository) -> list[str]:
    """What yamllint says."""
    names = repository.files("*.yml", "*.yaml", ".yamllint", ".ansible-lint")
    return command(["yamllint", "--strict", "--format", "parsable", *names], folder=repository.root)


GATE = Gate("yamllint", check, seconds=4, remembered=True)
