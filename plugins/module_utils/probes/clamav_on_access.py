# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``clamav_on_access``: what the kernel asks the on-access scanner about.

Parameters: ``unit``, ``config`` (default /etc/clamav/clamd.conf). Observes ``active``, ``prevents`` (a file is opened
only after it was found clean), ``paths`` (the folders of the configuration, sorted) and ``marks``: the number of
folders and mounts that the kernel holds for it. NotApplicable where the kernel does not let programs decide about an
opened file.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation

_FAN_CLASS_CONTENT, _FAN_CLOEXEC = 0x4, 0x1
_ABSENT = (errno.ENOSYS, errno.EINVAL)


def kernel_refusal() -> str | None:
    """Why this kernel gives no permission events, None when it does. Changes nothing: the group is closed at once."""
    library = ctypes.CDLL(None, use_errno=True)
    try:
        descriptor = library.fanotify_init(_FAN_CLASS_CONTENT | _FAN_CLOEXEC, os.O_RDONLY)
    except AttributeError:
        return "this system has no fanotify"
    if descriptor >= 0:
        os.close(descriptor)
        return None
    number = ctypes.get_errno()
    if number in _ABSENT:
        return "the kernel has no fanotify with permission events"
    if number == errno.EPERM:
        return "this container may not use fanotify" if os.geteuid() == 0 else "asking the kernel needs root"
    return None


def _settings(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        if key and not key.startswith("#"):
            found.setdefault(key, []).append(value.strip())
    return found


def _marks(host: Host, pid: str) -> int:
    """The marks of all fanotify groups of a process."""
    folder = f"/proc/{pid}/fdinfo"
    return sum(
        line.startswith(("fanotify ino:", "fanotify mnt_id:", "fanotify sdev:"))
        for name in host.listdir(folder)
        for line in (host.read(f"{folder}/{name}") or "").splitlines()
    )


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel, systemd and the configuration."""
    refusal = kernel_refusal()
    if refusal == "asking the kernel needs root":
        raise NotObservable(refusal)
    if refusal:
        raise NotApplicable(refusal)
    unit = str(params["unit"])
    done = host.run("systemctl", "show", "--property=ActiveState,MainPID", "--", unit)
    if done.rc != 0:
        raise NotObservable(f"systemctl show {unit}: {done.stderr.strip() or done.rc}")
    shown = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    pid = shown.get("MainPID", "0")
    config = str(params.get("config", "/etc/clamav/clamd.conf"))
    settings = _settings(host.read(config) or "")
    return Observation(
        {
            "active": shown.get("ActiveState") == "active",
            "prevents": settings.get("OnAccessPrevention", ["no"])[-1].lower() in ("yes", "true"),
            "paths": sorted(settings.get("OnAccessIncludePath", [])),
            "marks": _marks(host, pid) if pid not in ("", "0") else 0,
        },
        f"systemctl show {unit}, /proc/{pid}/fdinfo, {config}",
    )
