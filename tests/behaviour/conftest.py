# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the behaviour tests: the running lab, the host under test and its release.

The lab is named by RINGFENCE_LAB (molecule unless told otherwise); the hosts come from pytest-testinfra's --hosts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import Lab
from tests.support.recorder import Recorder

if TYPE_CHECKING:
    from testinfra.host import Host


def pytest_configure(config: pytest.Config) -> None:
    """Record the outcomes of this session under the name of its scenario."""
    suite = os.environ.get("MOLECULE_SCENARIO_NAME", "behaviour")
    part = os.environ.get("RINGFENCE_PART", "")
    config.pluginmanager.register(Recorder(f"{suite}@{part}" if part else suite), "ringfence-recorder")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a session that is a part of a run, keep the tests that belong to it: see tests/support/run.py."""
    part = os.environ.get("RINGFENCE_PART", "")
    if not part:
        return
    mine = [item for item in items if looks_at_several(item) is (part == "together")]
    config.hook.pytest_deselected(items=[item for item in items if item not in mine])
    items[:] = mine


def looks_at_several(item: pytest.Item) -> bool:
    """Whether a test looks at several hosts of its scenario: it is run for none of them, or says so by a mark."""
    names = getattr(item, "fixturenames", ())
    return "host" not in names or item.get_closest_marker("together") is not None


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab."""
    return Lab(os.environ.get("RINGFENCE_LAB", "molecule"))


@pytest.fixture(scope="module")
def name(host: Host) -> str:
    """The name of the host under test in the lab."""
    return str(host.backend.hostname)


@pytest.fixture(scope="module")
def release(lab: Lab, name: str) -> str:
    """The Debian release of the host under test."""
    return lab.release(name)


@pytest.fixture(autouse=True)
def _record_release(request: pytest.FixtureRequest) -> None:
    """Note on which release a test ran, for the record of what is proven where."""
    if "release" in request.fixturenames or "host" in request.fixturenames or "name" in request.fixturenames:
        request.node.user_properties.append(("release", request.getfixturevalue("release")))
