# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``bash_timeout``: after how many seconds bash ends at an idle prompt.

No parameters. Starts a login shell and an interactive one that is none, with no terminal, no user's own files and an
empty environment, and asks them. Observes ``login`` and ``interactive`` (seconds, 0 for never), ``login_fixed`` and
``interactive_fixed`` (the shell refuses to change it). Not applicable without bash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, Observation

_QUESTION = "echo =${TMOUT:-0}=; (TMOUT=0) 2>/dev/null && echo =loose= || echo =fixed=\n"
#: HOME has none of the user's own files; PS1 is what the system's files take an interactive shell by.
_SHELLS = {"login": ("--login", "-i"), "interactive": ("-i",)}


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the shells."""
    del params
    if not host.has("bash"):
        raise NotApplicable("there is no bash on this host")
    value: dict[str, Any] = {}
    for kind, options in _SHELLS.items():
        done = host.run("env", "-i", "HOME=/nonexistent", "PATH=/usr/bin:/bin", "bash", *options, stdin=_QUESTION)
        words = [line.strip().strip("=") for line in done.stdout.splitlines() if line.startswith("=")]
        value[kind] = int(words[0]) if words and words[0].isdigit() else 0
        value[f"{kind}_fixed"] = words[1:2] == ["fixed"]
    return Observation(value, "bash --login -i, bash -i")
