# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``clamav_database``: how old ClamAV's definitions are, by the build time in their own header.

Parameters: ``names``: the databases whose age counts, without suffix (such as daily); ``folder`` (default
/var/lib/clamav). Observes ``files`` (those found), ``unreadable`` (those without a readable header) and of the newest
one ``newest``, ``version``, ``built`` (ISO 8601) and ``age_hours`` (negative: built in the future); without any these
four are null.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from . import _clamav
from .base import Host, NotObservable, Observation

FOLDER = "/var/lib/clamav"


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the headers."""
    folder = str(params.get("folder", FOLDER))
    try:
        headers, unreadable = _clamav.databases(host.at(folder), [str(name) for name in params["names"]])
    except PermissionError as error:
        raise NotObservable(f"reading {folder} needs root") from error
    newest = max(headers, key=lambda header: header.built, default=None)
    return Observation(
        {
            "files": sorted(header.file for header in headers),
            "unreadable": unreadable,
            "newest": newest and newest.file,
            "version": newest and newest.version,
            "built": newest and _clamav.iso(newest.built),
            "age_hours": newest and round((time.time() - newest.built) / 3600, 1),
        },
        f"{folder}/{newest.file}" if newest else folder,
    )
