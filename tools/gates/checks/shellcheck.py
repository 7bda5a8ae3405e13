# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""shellcheck over every shell file: by name, or by a first line that calls sh or bash."""

from __future__ import annotations

import re

from tools.gates.base import Gate, command
from tools.repository import Repository

_SHELL = re.compile(rb"#!\s*(/usr)?/bin/(env\s+)?(ba|da)?sh\b")


def shell_files(repository: Repository) -> list[str]:
    """The shell files; templates are not among them, their braces are no shell."""
    found = []
    for name in repository.names:
        if name.endswith(".sh"):
            found.append(name)
        elif "." not in name.rsplit("/", 1)[-1] or name.startswith(".ci/"):
            with (repository.root / name).open("rb") as stream:
                if _SHELL.match(stream.readline(80)):
                    found.append(name)
    return found


def check(repository: Repository) -> list[str]:
    """What shellcheck says."""
    names = shell_files(repository)
    return command(["shellcheck", "--format", "gcc", *names], folder=repository.root) if names else []


GATE = Gate("shellcheck", check, seconds=2)
