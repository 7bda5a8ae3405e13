# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``sshd_listener``: whether the running sshd works by the files there are.

Parameters: ``paths``: files of its configuration. Observes ``options`` (arguments of the daemon that overrule its
files), ``startups`` (begin and end of the MaxStartups it works by, such as ``10-60``), ``startups_of_files`` (the same
as the files say), ``startups_as_files`` (whether they are the same, or the daemon does not show them) and
``newer_files`` (those of ``paths`` that were changed after the daemon last read its files). Not
applicable where no daemon listens: then every connection has a process of its own, which reads the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import _sshd_listener
from ._sshd_ports import TEST
from .base import Host, NotApplicable, NotObservable, Observation


def _changed(host: Host, path: str) -> int:
    try:
        info = os.stat(host.at(path))
    except OSError:
        return 0
    return int(info.st_mtime)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask systemd, and read the title of the process."""
    if not host.has("sshd"):
        raise NotApplicable("there is no OpenSSH server on this host")
    done = host.run("systemctl", *_sshd_listener.QUESTION)
    if done.rc != 0:
        raise NotObservable(f"systemctl show ssh.service: {done.stderr.strip() or done.rc}")
    pid, loaded = _sshd_listener.shown(done.stdout)
    if not pid:
        raise NotApplicable("no sshd listens as a service of its own")
    options, startups = _sshd_listener.title(host.read(f"/proc/{pid}/cmdline") or "")
    effective = host.run(*TEST, needs_root=True)
    told = dict(line.split(" ", 1) for line in effective.stdout.splitlines() if " " in line).get("maxstartups", "")
    of_files = _sshd_listener.limits(told)
    return Observation(
        {
            "options": options,
            "startups": startups,
            "startups_of_files": of_files,
            "startups_as_files": startups in ("", of_files),
            "newer_files": [path for path in map(str, params["paths"]) if _changed(host, path) > loaded],
        },
        f"/proc/{pid}/cmdline, systemctl show ssh.service",
    )
