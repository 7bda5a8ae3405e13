# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``pam_arguments``: the lines of all PAM files that carry one of some arguments.

Parameters: ``arguments``, such as [nullok]. PAM reads these files at every login, so what is seen here is what runs.

Observes ``lines`` (``FILE: MODULE ARGUMENT``, sorted, once each) and ``files`` (how many files were read).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import _pam
from .base import Host, NotApplicable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look for ``arguments`` in every file by itself: what is included has a file of its own."""
    wanted = {str(one) for one in params["arguments"]}
    paths = [f"{folder}/{name}" for folder in _pam.FOLDERS for name in host.listdir(folder)]
    if not paths:
        raise NotApplicable("this host has no PAM")
    found: set[str] = set()
    for path in paths:
        for line in (host.read(path) or "").replace("\\\n", " ").splitlines():
            # The control may be several words in brackets: TYPE CONTROL MODULE ARGUMENTS.
            parts = re.sub(r"\[[^]]*\]", "[]", line.split("#", 1)[0], count=1).split()
            found |= {f"{path}: {parts[2].rsplit('/', 1)[-1]} {word}" for word in parts[3:] if word in wanted}
    return Observation({"lines": sorted(found), "files": len(paths)}, " ".join(_pam.FOLDERS))
