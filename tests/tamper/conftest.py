# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pass over all tamper cases, and the lab they run in."""

from __future__ import annotations

import os

import pytest

from tests.support.lab import Lab
from tests.support.recorder import Recorder
from tests.support.tamper import Recorded, broken_and_repaired, roles


def pytest_configure(config: pytest.Config) -> None:
    """Record which cases were seen to turn red and green again."""
    config.pluginmanager.register(Recorder("tamper"), "ringfence-recorder")


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab."""
    return Lab(os.environ.get("RINGFENCE_LAB", "molecule"))


@pytest.fixture(scope="session")
def observed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Everything the one pass over all rounds observed."""
    return broken_and_repaired(lab, tmp_path_factory.mktemp("tamper"), "tamper", roles())
