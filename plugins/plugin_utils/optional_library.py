# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python packages that a part of the collection needs and the rest works without."""

from __future__ import annotations

import contextlib
import importlib
import io
from typing import Any


class MissingLibrary(Exception):
    """A package, or what it needs of the system, that is not installed on the controller, in one sentence."""


def library(module: str, package: str, system: str = "a library of the system") -> Any:
    """A module of a package; MissingLibrary with the package's name where it is not installed.

    system: what the package needs besides, which is named when it is there and cannot be loaded.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # some print advice before they raise
            return importlib.import_module(module)
    except ImportError as problem:
        raise MissingLibrary(f"the Python package {package} is not installed on the controller") from problem
    except OSError as problem:
        said = next(iter(str(problem).splitlines()), "")
        raise MissingLibrary(
            f"the Python package {package} is installed on the controller, but not what it needs: {system} ({said})"
        ) from problem
