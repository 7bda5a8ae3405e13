# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one caller of the program ``dot`` of graphviz."""

from __future__ import annotations

import os
import shutil
import subprocess

PROGRAM = "dot"
TIMEOUT = 120
MISSING = (
    "The program dot of graphviz, which draws the pictures, is not here. Install it: apt install graphviz on Debian "
    "and Ubuntu, dnf install graphviz on Fedora, brew install graphviz on macOS."
)


class DrawingError(Exception):
    """No picture, and why."""


def draw(dot: str) -> str:
    """The SVG of a DOT text. Raises DrawingError."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise DrawingError(MISSING)
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot.encode("utf-8", errors="replace"),
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise DrawingError(f"{program} drew nothing: {problem}") from problem
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="replace").strip()
        raise DrawingError(f"{program} ended with status {done.returncode}: {said[:500]}")
    return done.stdout.decode("utf-8")
