# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs what a host is asked with the sources that it needs for that, and nothing else, to be run there from memory.

Two kinds of job: the checks of an audit with their probes, and the steps of a role with their modules.
"""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.controls import STEPS_PROBE

MODULE_UTILS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "module_utils")
_MODULES = os.path.join(os.path.dirname(MODULE_UTILS), "modules")

_PROBES, _STEPS = "probe_session", "step_session"
_HERE = "ansible_collections.ringfence.callcenter.plugins.module_utils"
#: The name of the sources' package on a host: see host_program.
_THERE = "ringfence_host"
_IMPORT = re.compile(
    rf"^[ \t]*from[ \t]+(\.+|{_THERE}\b\.?)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)", re.MULTILINE
)
#: A host has no use for a module's documentation.
_DOCUMENTATION = re.compile(r'^(DOCUMENTATION|EXAMPLES|RETURN) = r"""\n.*?^"""$', re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class PayloadError(Exception):
    """A probe or module that is asked for does not exist."""


def _read(path: str) -> str | None:
    """The text of a file as it travels; modules lie in a folder ``modules`` of their own."""
    folder, name = (_MODULES, path[len("modules/") :]) if path.startswith("modules/") else (MODULE_UTILS, path)
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            text = stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    text = text.replace("from ansible.module_utils.basic import", f"from {_THERE}.step_module import")
    return _DOCUMENTATION.sub("", text.replace(_HERE, _THERE))


def _imported(path: str, text: str) -> set[str]:
    """The files that one file imports of ours, as paths below module_utils; those that do not exist included."""
    found: set[str] = set()
    for start, module, names in _IMPORT.findall(text):
        folder = os.path.dirname(path) if start.startswith(".") else ""
        for _up in start[1:] if folder else ():
            folder = os.path.dirname(folder)
        base = os.path.join(folder, *module.split(".")) if module else folder
        if module:
            found.add(f"{base}.py")
        for name in re.findall(r"(\w+)(?:\s+as\s+\w+)?", names.strip("()")):
            found.add(os.path.join(base, f"{name}.py"))
    return found


def _with_packages(paths: Iterable[str]) -> set[str]:
    """Files, and the files that make packages of their folders."""
    found = set()
    for path in paths:
        parts = path.split("/")
        found |= {path, *("/".join([*parts[:depth], "__init__.py"]) for depth in range(1, len(parts)))}
    return found


def sources(entry: str, files: Iterable[str]) -> dict[str, str]:
    """The sources that an entry and these files need, path below module_utils -> text."""
    collected: dict[str, str] = {}
    queue = [f"{entry}.py", *files]
    while queue:
        path = queue.pop()
        text = None if path in collected else _read(path)
        if text is not None:
            collected[path] = text
            queue += sorted(_with_packages(_imported(path, text)))
    for package in {os.path.dirname(path) for path in collected} - {""}:
        collected.setdefault(f"{package}/__init__.py", "")
    return dict(sorted(collected.items()))


def _existing(folder: str, names: Iterable[str], kind: str) -> list[str]:
    """The files of probes or modules; PayloadError names a missing one."""
    paths = []
    for name in sorted(set(names)):
        path = f"{folder}/{name}.py"
        if not _NAME.fullmatch(name) or _read(path) is None:
            raise PayloadError(f"there is no {kind} {name!r} in plugins/{'module_utils/' * (kind == 'probe')}{folder}")
        paths.append(path)
    return paths


def probe_sources(probes: Iterable[str]) -> dict[str, str]:
    """The sources that probes of these names need; PayloadError."""
    return sources(_PROBES, ["probes/__init__.py", *_existing("probes", probes, "probe")])


def _step_sources(steps: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The sources that steps need; PayloadError."""
    return sources(_STEPS, _existing("modules", (str(step["module"]) for step in steps), "module"))


def audit_job(checks: Sequence[Mapping[str, Any]], mark: str = "", *, state: bool = False) -> dict[str, Any]:
    """What an audit asks a host: the checks and the sources to make them; and its accounts and ruleset."""
    needed = probe_sources(str(check["probe"]) for check in checks)
    steps = [step for check in checks if check["probe"] == STEPS_PROBE for step in check["with"].get("steps", ())]
    if steps:
        needed = needed | _step_sources(steps)
    return {"sources": needed, "entry": _PROBES, "checks": list(checks), "mark": mark, "state": state}


def steps_job(steps: Sequence[Mapping[str, Any]], mark: str, *, check_mode: bool, diff: bool) -> dict[str, Any]:
    """What a host is told to do: steps as step_session describes them, and the sources of their modules."""
    about = {"mark": mark, "check_mode": check_mode, "diff": diff}
    return {"sources": _step_sources(steps), "entry": _STEPS, "steps": list(steps), **about}


def pack(job: Mapping[str, Any]) -> str:
    """A job as the text it travels as: JSON, zlib, base64. Mappings keep their order, as a module's arguments do."""
    text = json.dumps(job, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def script(packed: str) -> bytes:
    """The program for the standard input of ``python3 -I -S -``."""
    loader = _read("host_program.py") or ""
    return f'{loader}\n\nanswer("{packed}")\n'.encode()


def extract(output: str, mark: str) -> Any:
    """The answer between the marks in a host's output, whatever a banner says around it; ValueError without one."""
    start, end = output.find(f"{mark}<"), output.rfind(f">{mark}")
    if start < 0 or end < start:
        raise ValueError("the host's output holds no answer")
    return json.loads(output[start + len(mark) + 1 : end])
