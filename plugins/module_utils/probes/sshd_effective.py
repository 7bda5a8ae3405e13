# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``sshd_effective``: the settings that sshd itself reads out of all its files.

Parameters: ``settings``: expected values by key, a keyword in lower case or one of the numbers of _sshd_config.py;
``keys``: more of them, without an expectation; ``needs_key``: a setting that this release of sshd must know, or the
check is not applicable. Observes each key with its text, false when sshd does not know it, and with ``settings`` also
``loosened``: the lines of Match blocks that override one by a value that is not as expected. The source names the lines
that decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _sshd_config
from .base import Host, NotApplicable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask ``sshd -T``."""
    if not host.has("sshd"):
        raise NotApplicable("there is no OpenSSH server on this host")
    seen = _sshd_config.ask(host)
    needed = str(params.get("needs_key", "")).lower()
    if needed and needed not in seen:
        raise NotApplicable(f"this release of sshd has no {needed}")
    settings = {str(key).lower(): wanted for key, wanted in params.get("settings", {}).items()}
    value = {key: seen.get(key, False) for key in [*settings, *(str(key).lower() for key in params.get("keys", []))]}
    if not settings:
        return Observation(value, "sshd -T")
    files = _sshd_config.Files(host)
    decided = {line.place for line in map(files.deciding, map(_sshd_config.keyword, settings)) if line}
    loosened = _sshd_config.loosened(files, settings)
    return Observation({**value, "loosened": loosened}, ", ".join(["sshd -T", *sorted(decided)]))
