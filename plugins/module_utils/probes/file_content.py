# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``file_content``: whether a file holds what it is meant to, without showing it.

Parameters: ``path``. Observes ``exists`` and ``sha256`` (hexadecimal, of the text).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the file."""
    path = str(params["path"])
    text = host.read(path)
    if text is None:
        return Observation({"exists": False}, path)
    return Observation({"exists": True, "sha256": hashlib.sha256(text.encode()).hexdigest()}, path)
