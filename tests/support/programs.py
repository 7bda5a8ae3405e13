# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that tests need. `make test` installs them; where the unit tests are run alone they may be missing."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def needs(name: str, *others: str) -> pytest.MarkDecorator:
    """Skip a test where a program is missing, but never in a full run: there it runs, and fails.

    others: the other names that it goes by.
    """
    absent = not any(map(shutil.which, (name, *others))) and os.environ.get("RINGFENCE_FULL") != "1"
    return pytest.mark.skipif(absent, reason=f"{name} is not installed; make ready-tests installs it")


def program(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails in a full run."""
    found = shutil.which(name)
    if found is None:
        missing(name)
    return str(found)


def missing(name: str) -> NoReturn:
    """Skip the test that asks for something, or fail it in a full run, which has installed all that tests need."""
    if os.environ.get("RINGFENCE_FULL") == "1":
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed; make ready-tests installs it")
