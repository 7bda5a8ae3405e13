# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``file_attributes``: who owns a path and who may do what with it.

Parameters: ``path``. Observes ``exists``, ``mode`` (four octal digits as text), ``owner``, ``group``, ``type``
(file, directory, link, other) and ``capabilities``: whether who runs it gets some. Links are not followed.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation


def _name(lookup: Any, number: int) -> str:
    try:
        return str(lookup(number)[0])
    except KeyError:
        return str(number)


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "other"


def _has_capabilities(path: str) -> bool:
    try:
        return bool(os.getxattr(path, "security.capability", follow_symlinks=False))
    except OSError:
        return False  # none, or a file system that cannot have any


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the attributes of ``path``."""
    path = str(params["path"])
    try:
        info = os.lstat(host.at(path))
    except (FileNotFoundError, NotADirectoryError):
        return Observation({"exists": False}, path)
    except PermissionError as error:
        raise NotObservable(f"looking at {path} needs root") from error
    return Observation(
        {
            "exists": True,
            "mode": f"{stat.S_IMODE(info.st_mode):04o}",
            "owner": _name(pwd.getpwuid, info.st_uid),
            "group": _name(grp.getgrgid, info.st_gid),
            "type": _kind(info.st_mode),
            "capabilities": _has_capabilities(host.at(path)),
        },
        path,
    )
