# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``sudo_effective``: the settings that sudo itself reads out of all its files.

No parameters. Observes ``passwd_tries`` (a number). Settings for single users, hosts or commands are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:  # noqa: ARG001  # every probe has the same face
    """Ask ``sudo -V``, which tells root its settings."""
    if not host.has("sudo"):
        raise NotApplicable("sudo is not installed on this host")
    done = host.run("sudo", "-V", needs_root=True)
    match = re.search(r"^Number of tries to enter a password: (\d+)$", done.stdout, re.MULTILINE)
    if match is None:
        raise NotObservable(f"sudo -V does not tell its settings: {done.stderr.strip() or done.rc}")
    return Observation({"passwd_tries": int(match[1])}, "sudo -V")
