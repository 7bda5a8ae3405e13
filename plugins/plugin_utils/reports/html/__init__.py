# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a bundle: one HTML file that needs nothing else."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Contents
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.html.data import compact

_HERE = os.path.dirname(os.path.abspath(__file__))
_SCRIPTS = (
    "dom.js",
    "model.js",
    "parts.js",
    "proof.js",
    "views.js",
    "registers.js",
    "ledger.js",
    "changes.js",
    "segments.js",
    "rules.js",
    "diagram.js",
    "summary.js",
    "print.js",
    "main.js",
)


def _part(name: str) -> str:
    with open(os.path.join(_HERE, name), encoding="utf-8") as stream:
        return stream.read()


def embed(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element or a line of JavaScript."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _note(pack: Mapping[str, Any] | None) -> str:
    """What a reader of a client's pack has to know first; nothing in the report of a bundle."""
    if pack is None:
        return ""
    texts = "".join(f"<p>{html.escape(str(text))}</p>" for text in pack["note"])
    return f'<aside class="wide pack" aria-label="What this pack holds"><div>{texts}</div></aside>\n'


def render(contents: Contents) -> str:
    """The whole page as text."""
    run = contents.parts["run"]
    data = compact(contents)
    counts = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in run["counts"].items())
    values = {
        "TITLE": html.escape(str(run["site"]["title"])),
        "COUNTS": html.escape(counts),
        "NOTE": _note(run.get("pack")),
        "STYLE": _part("style.css"),
        "SCRIPT": '"use strict";\n' + "\n".join(_part(name) for name in _SCRIPTS),
        "DATA": embed(data),
    }
    return re.sub(r"{{([A-Z]+)}}", lambda place: values[place.group(1)], _part("page.html"))
