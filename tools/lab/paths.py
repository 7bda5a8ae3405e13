# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps what. Everything it writes lies below .cache/lab of the checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "lab"
STATE = CACHE / "state.json"
VENV = ROOT / ".venv"

# A Unix socket's path holds at most 107 bytes; ssh appends a %C of 40 and a suffix of 17 while it opens the master.
_SOCKET_FOLDER_LIMIT = 107 - 1 - 40 - 17


def lab_folder(lab: str) -> Path:
    """Return the folder of one lab: keys, known hosts, ssh_config, inventory, logs."""
    return CACHE / lab


def control_folder(lab: str) -> Path:
    """Return the folder for ssh's control sockets: the lab's own, or a short one at home when that path is too long."""
    folder = lab_folder(lab) / "cm"
    if len(os.fsencode(folder)) <= _SOCKET_FOLDER_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    return Path.home() / ".ansible" / f"rf-{digest}"
