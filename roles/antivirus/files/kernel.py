# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends with 0 when this kernel lets programs decide whether a file may be opened (fanotify permission events)."""

from __future__ import annotations

import ctypes
import os
import sys

FAN_CLASS_CONTENT, FAN_CLOEXEC = 0x4, 0x1


def main() -> int:
    """Ask the kernel."""
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = library.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY)
    if descriptor >= 0:
        return 0
    print(f"no on-access scanning: {os.strerror(ctypes.get_errno())}", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
