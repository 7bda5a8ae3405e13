# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``key_values``: the settings of a file with one ``key = value`` a line, such as faillock.conf or login.defs.

Parameters: ``path``; ``separator``: ``=`` (default) or ``space``; ``keys``: only these (default: all). Lines that begin
with # are comments; a later line for the same key wins. Observes ``exists`` and each key with its text; a key
without a value is true, one that was asked for and is not there is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the settings of ``path``."""
    path = str(params["path"])
    separator = None if params.get("separator", "=") == "space" else str(params.get("separator", "="))
    text = host.read(path)
    value: dict[str, Any] = {"exists": text is not None}
    wanted = params.get("keys")
    if wanted is not None:
        value.update({str(key): False for key in wanted})
    for line in (text or "").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, *rest = line.split(separator, 1)
        key = key.strip()
        if wanted is None or key in wanted:
            value[key] = rest[0].strip() if rest else True
    return Observation(value, path)
