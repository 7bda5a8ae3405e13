# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a systemd unit that confine a service to what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What holds for every service, and changes nothing of what it sees of the file system.
_ALWAYS = (
    "NoNewPrivileges=yes",
    "ProtectHostname=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "SystemCallErrorNumber=EPERM",
)
#: These give the service mounts of its own.
_OWN_MOUNTS = (
    "ProtectSystem=strict",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectProc=invisible",
)
_HOMES = ("yes", "read-only", "no")
_KEYS = ("capabilities", "families", "system_calls", "own_mounts", "writable", "home", "private_tmp")
_MOUNT_KEYS = ("writable", "home", "private_tmp")
_WORD = {
    "capabilities": re.compile(r"CAP_[A-Z_]+"),
    "families": re.compile(r"AF_[A-Z0-9]+"),
    "system_calls": re.compile(r"@?[a-z0-9_-]+"),
    "writable": re.compile(r"-?/[A-Za-z0-9._/@+-]*"),
}


class SandboxError(ValueError):
    """What a service needs is not said in the form that this module knows."""


def render(needs: Mapping[str, Any]) -> str:
    """Return the lines for the section C([Service]) of a unit or of its drop-in.

    :param needs: ``capabilities``, ``families`` (of sockets), ``system_calls`` (beside those of @system-service):
        lists of names, none by default. ``own_mounts`` (default true): everything is read-only to the service but the
        list ``writable``; false where what it is for is the file system as all others see it. ``home`` (yes: hidden,
        the default; read-only; no) and ``private_tmp`` (default true) go with mounts of its own.
    :raises SandboxError: naming the key and the valid values.
    """
    _check(needs)
    own_mounts = bool(needs.get("own_mounts", True))
    lines = list(_ALWAYS)
    lines.append(f"CapabilityBoundingSet={' '.join(needs.get('capabilities', []))}")
    lines.append(f"RestrictAddressFamilies={' '.join(needs.get('families', [])) or 'none'}")
    lines.append(f"SystemCallFilter={' '.join(['@system-service', *needs.get('system_calls', [])])}")
    if own_mounts:
        lines += _OWN_MOUNTS
        lines.append(f"ProtectHome={needs.get('home', 'yes')}")
        lines.append(f"PrivateTmp={'yes' if needs.get('private_tmp', True) else 'no'}")
        if needs.get("writable"):
            lines.append(f"ReadWritePaths={' '.join(needs['writable'])}")
    return "\n".join(lines)


def _check(needs: Mapping[str, Any]) -> None:
    unknown = sorted(set(needs) - set(_KEYS))
    if unknown:
        raise SandboxError(f"unknown key {', '.join(unknown)}; valid are {', '.join(_KEYS)}")
    for key, word in _WORD.items():
        wrong = [one for one in needs.get(key, []) if not (isinstance(one, str) and word.fullmatch(one))]
        if wrong:
            raise SandboxError(f"{key} has {wrong[0]!r}, valid are texts like {word.pattern}")
    if needs.get("home", "yes") not in _HOMES:
        raise SandboxError(f"home is {needs['home']!r}, valid are {', '.join(_HOMES)}")
    lost = [key for key in _MOUNT_KEYS if key in needs]
    if lost and not needs.get("own_mounts", True):
        raise SandboxError(f"{', '.join(lost)}: needs own_mounts, which is false")
