# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``browser_policies``: which policies a browser that starts now would have.

Parameters: ``keys``, {browser: keys of it that matter}. Observes ``policies``, {browser: {key: value}} merged from all
files that the browser reads; a key that none of them sets is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _browser_policies as files
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read and merge the policy files."""
    seen: dict[str, dict[str, Any]] = {}
    sources: list[str] = []
    for browser, keys in sorted(params["keys"].items()):
        merged = files.effective(host, browser)
        seen[browser] = {key: merged[key] for key in sorted(keys) if key in merged}
        sources += files.files_of(host, browser)
    return Observation({"policies": seen}, ", ".join(sources) or "no policy file")
