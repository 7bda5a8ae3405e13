# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""antsibull-docs over the collection's documentation: markup, links and names of options."""

from __future__ import annotations

from tools.gates.base import Gate, command
from tools.repository import Repository


def check(repository: Repository) -> list[str]:
    """What antsibull-docs says about the plugins' and roles' documentation."""
    # Run on a copy: it loads the collection from a collections path and must not see a developer's other ones.
    path = repository.cache / "antsibull"
    folder = repository.copy_to(path / "ansible_collections" / "ringfence" / "callcenter")
    lint = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "."]
    return command(lint, folder=folder, environment={"ANSIBLE_COLLECTIONS_PATH": str(path)})


GATE = Gate("antsibull-docs", check, seconds=12, remembered=True)
