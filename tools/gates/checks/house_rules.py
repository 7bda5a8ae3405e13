# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that no linter knows: words that must not be in the tree, sizes, headers, silenced warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.gates.base import Gate
from tools.repository import Repository

MAX_LINES = 400

#: Texts whose length is not ours to choose: the licence, data, and what is generated.
_LONG = (
    "LICENSE",
    "LICENSES/*",
    "catalog/*",
    "docs/controls/*",
    "tests/results/*",
    "*.json",
    "CHANGELOG.md",
)

#: This file and its test must name what they look for.
_SELF = ("tools/gates/checks/house_rules.py", "tests/unit/tools/gates/test_house_rules.py", "LICENSE")

# REUSE-IgnoreStart
_HEADER = (
    "# Copyright: (c) 2026, The ringfence.callcenter developers",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
# REUSE-IgnoreEnd

#: (files, pattern, what is wrong with a line that has it)
_WORDS = (
    (("*",), re.compile(r"\b(TODO|FIXME|XXX)\b"), "unfinished work belongs in an issue"),
    (
        ("*",),
        re.compile(
            r"\b(docker\.io|quay\.io|ghcr\.io|gcr\.io|registry\.[a-z]|galaxy\.ansible\.com"
            r"|(files\.)?pypi(hosted)?\.(org|python)|(deb|security|ftp)\.debian\.org|archive\.ubuntu\.com)",
        ),
        "names a registry: where things come from is set up on the machine",
    ),
    (("roles/*", "playbooks/*"), re.compile(r"^\s*(-\s+)?ignore_errors\s*:"), "ignore_errors hides failures"),
    (
        ("roles/*", "playbooks/*"),
        re.compile(r"^\s*(-\s+)?changed_when\s*:\s*['\"]?(true|yes)\b", re.I),
        "a task that always reports a change is never idempotent",
    ),
    (("*.py",), re.compile(r"#\s*noqa\b(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*)?\s*$"), "noqa without a reason"),
    (("*.py",), re.compile(r"#\s*type:\s*ignore(\[[a-z, -]+\])?\s*$"), "type: ignore without a reason"),
    (("*.py",), re.compile(r"#\s*pylint:\s*disable=[a-z, -]+\s*$"), "pylint: disable without a reason"),
)


def line_problems(name: str, text: str, repository: Repository) -> Iterator[str]:
    """Lines of one file that have something in them that no file may have."""
    lines = text.splitlines()
    for patterns, found, problem in _WORDS:
        if name in repository.files(*patterns):
            yield from (f"{name}:{number}: {problem}" for number, line in enumerate(lines, 1) if found.search(line))
    # A checkout directly below / has too short a path to tell it from others.
    if len(repository.root.parts) > 2:
        here = re.compile(rf"{re.escape(str(repository.root))}\b")
        yield from (
            f"{name}:{number}: names this checkout's folder"
            for number, line in enumerate(lines, 1)
            if here.search(line)
        )


def python_problems(name: str, text: str) -> Iterator[str]:
    """What a Python file lacks at its head."""
    lines = text.splitlines()
    if not lines:
        # ansible-test wants some __init__.py files to be empty.
        return
    if lines[0].startswith("#!"):
        lines = lines[1:]
    if tuple(lines[: len(_HEADER)]) != _HEADER:
        yield f"{name}: does not start with our copyright header"
    # A package's file may hold nothing but its docstring.
    if (
        name.startswith(("plugins/", "tools/"))
        and not name.endswith("__init__.py")
        and "from __future__ import annotations" not in lines
    ):
        yield f"{name}: `from __future__ import annotations` is missing"


def check(repository: Repository) -> list[str]:
    """Every breach, file by file."""
    problems: list[str] = []
    long = set(repository.files(*_LONG))
    for name in repository.names:
        try:
            text = repository.text(name)
        except UnicodeDecodeError:
            problems.append(f"{name}: is no text; binary files are built, not kept")
            continue
        if name not in _SELF:
            problems += line_problems(name, text, repository)
        if name not in long and len(text.splitlines()) > MAX_LINES:
            problems.append(f"{name}: {len(text.splitlines())} lines, more than {MAX_LINES}: one subject a file")
        if name.endswith(".py"):
            problems += python_problems(name, text)
    return problems


GATE = Gate("house-rules", check, seconds=2)
