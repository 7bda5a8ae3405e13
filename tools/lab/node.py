# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Node packages that the tests read exports with, pinned in tests/interop, in a folder of the cache."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from . import paths
from .run import run_logged

SOURCE = paths.ROOT / "tests" / "interop"
FOLDER = paths.ROOT / ".cache" / "interop"
FILES = ("package.json", "package-lock.json", "read_hdf.js")
STAMP = "sources.sha256"


def ensure(log: Path) -> bool:
    """Install the packages where they are missing or others are asked for; returns whether anything was installed.

    :raises LabError: when npm can't, with its last lines.
    """
    digest = hashlib.sha256(b"\0".join((SOURCE / name).read_bytes() for name in FILES)).hexdigest()
    stamp = FOLDER / STAMP
    if stamp.exists() and stamp.read_text(encoding="ascii").strip() == digest:
        return False
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(SOURCE / name, FOLDER / name)
    argv = ["npm", "ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund"]
    run_logged(argv, log, "npm could not install the packages of tests/interop")
    stamp.write_text(digest + "\n", encoding="ascii")
    return True
