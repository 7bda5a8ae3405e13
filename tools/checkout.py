# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection of this checkout importable under its full name, whatever is installed."""

from __future__ import annotations

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "ansible_collections.ringfence.callcenter"


def make_importable() -> None:
    """Put ``ansible_collections.ringfence.callcenter`` in place, backed by this checkout and no other."""
    parts = PACKAGE.split(".")
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        package = types.ModuleType(name)
        package.__path__ = [str(ROOT)] if name == PACKAGE else []
        sys.modules.setdefault(name, package)
