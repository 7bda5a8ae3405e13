# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last look at a pack before it is there: every byte of every file, as it is and as a reader would decode it."""

from __future__ import annotations

import html
import json
import os
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import verify_bundle

from .matcher import Matcher

_DATA = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
#: Between texts that stand apart, so that no word is found over two of them.
_APART = "\n"


def leaks(folder: str, matcher: Matcher) -> list[str]:
    """What a pack's files name that they must not: ``FILE, PLACE: WORD (whose)``; nothing when they are fine."""
    found = []
    for path in verify_bundle.listing(folder)[0]:
        with open(os.path.join(folder, path), "rb") as stream:
            content = stream.read()
        wrong = [f"{path}, its name: {hit}" for hit in matcher.found(urllib.parse.unquote(path))]
        wrong += [f"{path}, {where}: {hit}" for where, text in _texts(path, content) for hit in matcher.found(text)]
        found += list(dict.fromkeys(wrong))
    return found


def _texts(path: str, content: bytes) -> Iterator[tuple[str, str]]:
    """A file's texts with where they stand: its bytes, and what its format makes of them."""
    raw = content.decode("utf-8", errors="replace")
    yield "its bytes", raw
    if path.endswith(".json"):
        yield "its values", _values(raw)
    if path.endswith((".html", ".svg")):
        yield "its text", html.unescape(raw)
        for data in _DATA.findall(raw):
            yield "its data", _values(data)


def _values(text: str) -> str:
    """The texts and keys of a JSON document without the escapes that they are written with."""
    try:
        return _APART.join(_leaves(json.loads(text)))
    except ValueError:
        return ""


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value
