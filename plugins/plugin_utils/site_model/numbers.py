# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that YAML reads as others than people mean: 010 is eight, 0x10 sixteen, 1_000 a thousand, 1:30 ninety.

``ambiguous`` tells of one; ``in_variables`` finds them in the files of variables beside a site model, which Ansible
reads by itself, where they are values of this collection's variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from .problems import Problem, SiteModelError

INT_TAG = "tag:yaml.org,2002:int"
FOLDERS = ("group_vars", "host_vars")

_PLAIN = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_ENDINGS = ("", ".yml", ".yaml", ".json")
_VAULT = "$ANSIBLE_VAULT"
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def ambiguous(text: str) -> str | None:
    """What is wrong with an integer as it is written in YAML; None of plain decimal digits."""
    if _PLAIN.fullmatch(text):
        return None
    meant = text.replace("_", "").lstrip("+-0")
    plain = f"write {meant}, or " if meant.isdecimal() else "write it in decimal digits, or "
    return f"YAML reads {text} as the number {yaml.safe_load(text)}; {plain}'{text}' in quotes where text is meant"


def in_variables(folder: str, prefixes: Sequence[str]) -> None:
    """Raise SiteModelError for the first file of group_vars and host_vars in a folder that has such numbers.

    prefixes: of the names of the variables that are looked at.
    """
    for file in _files(folder):
        try:
            with open(file, encoding="utf-8-sig") as stream:
                text = stream.read()
            root = None if text.startswith(_VAULT) else yaml.compose(text, Loader=_Base)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
            continue  # Ansible says so itself when it reads the file
        if isinstance(root, yaml.MappingNode):
            found = [
                problem
                for key, value in root.value
                if isinstance(key, yaml.ScalarNode) and key.value.startswith(tuple(prefixes))
                for problem in _in_node(value, key.value)
            ]
            if found:
                raise SiteModelError(file, found)


def _files(folder: str) -> Iterator[str]:
    for name in FOLDERS:
        for above, folders, files in os.walk(os.path.join(folder, name)):
            folders.sort()
            kept = [file for file in sorted(files) if os.path.splitext(file)[1] in _ENDINGS]
            yield from (os.path.normpath(os.path.join(above, file)) for file in kept)


def _in_node(top: yaml.Node, variable: str) -> Iterator[Problem]:
    """The numbers below a node. An anchor may be met twice, so nodes are looked at once."""
    seen: set[int] = set()
    left = [top]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            message = ambiguous(node.value) if node.tag == INT_TAG and not node.style else None
            if message:
                yield Problem((variable,), message, node.start_mark.line + 1)
        elif isinstance(node, yaml.MappingNode):
            left += [part for pair in node.value for part in pair]
        else:
            left += node.value
