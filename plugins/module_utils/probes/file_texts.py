# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``file_texts``: whether files hold the texts that matter.

Parameters: ``files``: a mapping of paths to lists of texts. Observes ``missing``: "PATH: TEXT" for each text that its
file does not hold, sorted; for a file that is not there, all of its texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the files."""
    missing = [
        f"{path}: {text}"
        for path, texts in params["files"].items()
        for text in texts
        if str(text) not in (host.read(str(path)) or "")
    ]
    return Observation({"missing": sorted(missing)}, ", ".join(sorted(params["files"])))
