# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection of this checkout importable under its full name, and notes how long each test takes."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.seconds import Watch

REPOSITORY = Path(__file__).resolve().parents[1]


def _namespace(name: str, path: Path | None = None) -> None:
    """Put an importable package of this name in place, backed by a folder or by nothing."""
    package = types.ModuleType(name)
    package.__path__ = [] if path is None else [str(path)]
    sys.modules.setdefault(name, package)


for _name in ("ansible_collections", "ansible_collections.ringfence"):
    _namespace(_name)
_namespace("ansible_collections.ringfence.callcenter", REPOSITORY)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note the seconds of a test, its setup and teardown included."""
    watch = Watch()
    try:
        return (yield)
    finally:
        place = "integration" if item.path.is_relative_to(REPOSITORY / "tests" / "integration") else "unit"
        watch.note("test", os.environ.get("MOLECULE_SCENARIO_NAME", place), item.nodeid, watch.cpu)
