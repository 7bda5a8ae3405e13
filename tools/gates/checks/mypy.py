# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mypy, strict, over the plugins under their full name, and over the tools."""

from __future__ import annotations

from tools.gates.base import Gate, command
from tools.repository import Repository

PLUGINS = "ansible_collections.ringfence.callcenter.plugins"


def check(repository: Repository) -> list[str]:
    """What mypy says."""
    # The plugins import each other by the collection's name, which exists below the checkout's collections path.
    options = ["mypy", "--strict", "--namespace-packages", "--explicit-package-bases", "--no-error-summary"]
    return command(
        [*options, "-p", PLUGINS, "-p", "tools"],
        folder=repository.root,
        environment={"MYPYPATH": str(repository.root / ".venv" / "collections")},
    )


GATE = Gate("mypy", check, seconds=15, remembered=True)
