# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``browser_policy_files``: who can change browsers' policies, and what lies beside ours.

Parameters: ``policies``, {browser: {key: value}} as they shall be. Observes ``writable`` (policy files, and folders on
the way to them, that somebody other than root owns or can write to, or that are links), ``unreadable`` (no JSON: the
browser leaves them out) and ``overridden`` ("FILE: KEY" of other files that say something else than ours and do not
count now, but would when ours goes; those that do count show in the policies themselves).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any

from . import _browser_policies as files
from .base import Host, Observation

_ROOT = 0


def _open_to_others(host: Host, path: str) -> bool:
    info = os.lstat(host.at(path))
    return info.st_uid != _ROOT or bool(info.st_mode & 0o022) or stat.S_ISLNK(info.st_mode)


def _on_the_way(host: Host, path: str) -> Iterator[str]:
    """A file and the folders that lead to it, as far as they are there."""
    while path not in ("", "/"):
        if os.path.lexists(host.at(path)):
            yield path
        path = os.path.dirname(path)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at the policy files of the browsers and at the folders around them."""
    seen: set[str] = set()
    unreadable, overridden, sources = [], [], []
    for browser, wanted in sorted(params["policies"].items()):
        present = files.files_of(host, browser)
        sources += present
        for path in present:
            seen.update(_on_the_way(host, path))
            if not files.readable(host, browser, path):
                unreadable.append(path)
        merged = files.effective(host, browser)
        for path, keys in files.conflicts(host, browser, wanted).items():
            overridden += [f"{path}: {key}" for key in keys if merged.get(key) == wanted[key]]
    return Observation(
        {
            "writable": sorted(path for path in seen if _open_to_others(host, path)),
            "unreadable": sorted(unreadable),
            "overridden": sorted(overridden),
        },
        ", ".join(sources) or "no policy file",
    )
