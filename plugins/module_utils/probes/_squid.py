# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads squid.conf: its directives in order, and what the lists in it say. Shared by the probes of the web filter."""

from __future__ import annotations

from collections.abc import Iterator

Directive = tuple[str, list[str]]


def directives(text: str) -> Iterator[Directive]:
    """(name, words) of each line that says something; ``include`` is one of them."""
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0], words[1:]


class Lists:
    """The acl lines of a squid.conf: by name, the type with its options and the values of all lines."""

    def __init__(self, text: str) -> None:
        self.types: dict[str, str] = {}
        self.values: dict[str, list[str]] = {}
        for name, words in directives(text):
            if name == "acl" and len(words) > 1:
                options = [word for word in words[2:] if word.startswith("-")]
                self.types[words[0]] = " ".join([words[1], *options])
                self.values.setdefault(words[0], []).extend(word for word in words[2:] if not word.startswith("-"))
