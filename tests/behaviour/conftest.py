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
    config.pluginmanager.register(Recorder(suite), "ringfence-recorder")


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
