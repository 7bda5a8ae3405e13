# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the probes that a host's checks need, and nothing else, to be run there from memory."""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MODULE_UTILS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module_utils")

_ENTRY = "probe_session.py"
_RELATIVE_IMPORT = re.compile(r"^[ \t]*from[ \t]+(\.+)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)", re.MULTILINE)


class PayloadError(Exception):
    """A probe that a check names does not exist."""


def _read(path: str) -> str | None:
    try:
        with open(os.path.join(MODULE_UTILS, path), encoding="utf-8") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _imported(path: str, text: str) -> set[str]:
    """The files that one file imports relatively, as paths below module_utils; those that do not exist included."""
    found: set[str] = set()
    for dots, module, names in _RELATIVE_IMPORT.findall(text):
        folder = os.path.dirname(path)
        for _up in dots[1:]:
            folder = os.path.dirname(folder)
        base = os.path.join(folder, *module.split(".")) if module else folder
        if module:
            found.add(f"{base}.py")
        for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?", names.strip("()")):
            found.add(os.path.join(base, f"{name}.py"))
    return found


def sources(probes: Iterable[str]) -> dict[str, str]:
    """The sources that these probes need, path below module_utils -> text; PayloadError names a missing probe."""
    wanted = sorted(set(probes))
    for name in wanted:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or _read(os.path.join("probes", f"{name}.py")) is None:
            raise PayloadError(f"there is no probe {name!r} in plugins/module_utils/probes")
    collected: dict[str, str] = {}
    queue = [_ENTRY, os.path.join("probes", "__init__.py"), *(os.path.join("probes", f"{name}.py") for name in wanted)]
    while queue:
        path = queue.pop()
        text = None if path in collected else _read(path)
        if text is not None:
            collected[path] = text
            queue += sorted(_imported(path, text))
    return dict(sorted(collected.items()))


def pack(job: Mapping[str, Any]) -> str:
    """A job as the text it travels as: JSON, zlib, base64."""
    text = json.dumps(job, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def job(checks: Sequence[Mapping[str, Any]], mark: str = "", *, state: bool = False) -> dict[str, Any]:
    """What a host is asked: the checks and the sources to make them; and its accounts and ruleset."""
    needed = sources(str(check["probe"]) for check in checks)
    return {"sources": needed, "checks": list(checks), "mark": mark, "state": state}


def script(packed: str) -> bytes:
    """The program for the standard input of ``python3 -I -S -``."""
    loader = _read("probe_loader.py") or ""
    return f'{loader}\n\nanswer("{packed}")\n'.encode()


def extract(output: str, mark: str) -> Any:
    """The answer between the marks in a host's output, whatever a banner says around it; ValueError without one."""
    start, end = output.find(f"{mark}<"), output.rfind(f">{mark}")
    if start < 0 or end < start:
        raise ValueError("the host's output holds no answer")
    return json.loads(output[start + len(mark) + 1 : end])
