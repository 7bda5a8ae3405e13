# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes texts that the controller has made into a folder, only where they differ from what is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import canonical


def write_texts(
    directory: str, texts: Mapping[str, str], *, check_mode: bool
) -> tuple[list[str], list[dict[str, Any]]]:
    """The paths that were written, or would be, and their diffs. ``texts`` maps file names to what they shall hold.

    Raises OSError.
    """
    changed, diffs = [], []
    for name, text in texts.items():
        path = os.path.join(directory, name)
        try:
            with open(path, encoding="utf-8", errors="replace", newline="") as stream:
                before = stream.read()
        except FileNotFoundError:
            before = None
        if before == text:
            continue
        changed.append(path)
        diffs.append({"before_header": path, "after_header": path, "before": before or "", "after": text})
        if not check_mode:
            os.makedirs(os.path.dirname(path), mode=canonical.DIRECTORY_MODE, exist_ok=True)
            canonical.write(path, text.encode("utf-8", errors="backslashreplace"))
    return changed, diffs
