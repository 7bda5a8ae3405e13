# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python packages that a part of the collection needs and the rest works without."""

from __future__ import annotations

import importlib
from typing import Any


class MissingLibrary(Exception):
    """A package that is not installed on the controller, in one sentence."""


def library(module: str, package: str) -> Any:
    """A module of a package; MissingLibrary with the package's name where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise MissingLibrary(f"the Python package {package} is not installed on the controller") from problem
