# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a job on a host that has no file of ours: the sources it needs come along and live in memory only.

This file is itself the head of the program that the controller sends over the connection's standard input; it adds one
last line, ``answer(JOB)``. So it imports nothing but the standard library and must stay small.

A job is a JSON object: ``sources`` (path below module_utils -> text), ``entry`` (the module of these whose ``work`` is
called with the job and gives the answer), ``mark`` and whatever the entry reads.
"""

from __future__ import annotations

import base64
import importlib
import importlib.machinery
import json
import sys
import zlib
from types import ModuleType
from typing import Any

PACKAGE = "ringfence_host"


class MemoryFinder:
    """Imports modules from a dict of sources: relative path (``probes/base.py``) -> text."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.sources = {PACKAGE: ("__init__.py", sources.get("__init__.py", ""), True)}
        for path, text in sources.items():
            parts = path[: -len(".py")].split("/")
            package = parts[-1] == "__init__"
            name = ".".join([PACKAGE, *(parts[:-1] if package else parts)])
            self.sources[name] = (path, text, package)

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        """The spec of one of our modules, None for anybody else's."""
        if name not in self.sources:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=self.sources[name][2])  # type: ignore[arg-type]  # a duck

    def create_module(self, _spec: Any) -> None:
        """Leave the making of the module to the import system."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's source."""
        path, text, _package = self.sources[module.__name__]
        exec(compile(text, f"<{PACKAGE}>/{path}", "exec"), module.__dict__)  # noqa: S102  # that is what an importer does


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Run a job; the answer of its entry."""
    finder = MemoryFinder(job["sources"])
    sys.meta_path.insert(0, finder)
    try:
        entry = importlib.import_module(f"{PACKAGE}.{job['entry']}")
        found: dict[str, Any] = entry.work(job)
    finally:
        sys.meta_path.remove(finder)
        for name in finder.sources:
            sys.modules.pop(name, None)
    return found


def unpack(packed: str) -> dict[str, Any]:
    """A job from the text it travels as: JSON, zlib, base64."""
    job: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return job


def answer(packed: str) -> None:
    """Run a packed job and print its answer in one ASCII line between two marks that a login banner does not know."""
    job = unpack(packed)
    mark = job["mark"]
    sys.stdout.write(f"\n{mark}<{json.dumps(run(job), separators=(',', ':'))}>{mark}\n")
