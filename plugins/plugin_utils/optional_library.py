# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python packages that a part of the collection needs and the rest works without."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from typing import Any


class MissingLibrary(Exception):
    """A package, or what it needs of the system, that is not installed on the controller, in one sentence."""


#: What ``pip install`` calls a package, where that is not its name.
_ASKED_FOR = {"psycopg": "'psycopg[binary]'"}


def install(*packages: str) -> str:
    """How packages get to the Python that runs this."""
    return f"{sys.executable or 'python3'} -m pip install {' '.join(_ASKED_FOR.get(one, one) for one in packages)}"


def library(module: str, package: str, system: str = "a library of the system") -> Any:
    """A module of a package; MissingLibrary with the package's name where it is not installed.

    system: what the package needs besides, which is named when it is there and cannot be loaded.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # some print advice before they raise
            return importlib.import_module(module)
    except ImportError as problem:
        text = f"the Python package {package} is not installed on the controller; install it: {install(package)}"
        raise MissingLibrary(text) from problem
    except OSError as problem:
        said = next(iter(str(problem).splitlines()), "")
        raise MissingLibrary(
            f"the Python package {package} is installed on the controller, but not what it needs: {system} ({said})"
        ) from problem
