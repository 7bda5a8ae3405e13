# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint with the production profile, offline, with nothing skipped and no warning let through."""

from __future__ import annotations

import re

from tools.gates.base import Gate, command
from tools.repository import Repository

_SKIPPING = re.compile(r"^\s*(skip_list|warn_list|mock_modules|mock_roles)\s*:", re.M)
_NOQA = re.compile(r"#\s*noqa\b", re.I)


def skips(repository: Repository) -> list[str]:
    """Ways round the linter that the tree takes."""
    problems = [
        f"{name}: {match[1]} weakens the linter"
        for name in repository.files(".ansible-lint", ".config/ansible-lint.yml")
        for match in _SKIPPING.finditer(repository.text(name))
    ]
    problems += [
        f"{name}: an ignore file of ansible-lint"
        for name in repository.files(".ansible-lint-ignore", ".config/ansible-lint-ignore.txt")
    ]
    problems += [
        f"{name}:{number}: noqa silences the linter"
        for name in repository.files("roles/*.yml", "playbooks/*.yml", "molecule/*.yml")
        for number, line in enumerate(repository.text(name).splitlines(), 1)
        if _NOQA.search(line)
    ]
    return problems


def check(repository: Repository) -> list[str]:
    """What ansible-lint says, and any way round it."""
    lint = ["ansible-lint", "--offline", "--profile", "production", "--strict", "--nocolor", "--format", "pep8"]
    return [*skips(repository), *command(lint, folder=repository.root)]


GATE = Gate("ansible-lint", check, seconds=30, remembered=True)
