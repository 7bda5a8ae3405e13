# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a local account's password ages, and whether wrong passwords have locked it."""

from __future__ import annotations

import datetime
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._ageing import Ages
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

#: A record of pam_faillock: source, reserved, status, time. The first bit of the status: it counts.
_RECORD = struct.Struct("=52sHHQ")
_VALID = 1
_STACKS = ("/etc/pam.d/common-auth", "/etc/pam.d/sshd", "/etc/pam.d/sudo")
_USUAL = {"dir": "/var/run/faillock", "deny": "3", "fail_interval": "900", "unlock_time": "600"}


def date(day: int) -> str:
    """A day since 1970 as ISO date."""
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


def _days(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d+", text) else None


def ages(host: Host, name: str) -> Ages | None:
    """How the password of an account ages; None without a password in /etc/shadow that could be typed."""
    for line in (host.read("/etc/shadow") or "").splitlines():
        fields = line.split(":")
        if len(fields) >= 8 and fields[0] == name:
            if fields[1][:1] in ("!", "*", ""):
                return None
            return Ages(_days(fields[4]), _days(fields[3]), _days(fields[5]), _days(fields[2]))
    return None


@dataclass(frozen=True)
class Lock:
    """A rule of pam_faillock. seconds: how long a lock lasts, 0: until somebody ends it."""

    folder: str
    attempts: int
    within: int
    seconds: int
    root: bool = False


def _words(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _equals, value = line.partition("#")[0].partition("=")
        if key.strip():
            found[key.strip()] = value.strip()
    return found


def rule(host: Host) -> Lock | None:
    """The rule that is in force, None where no stack has pam_faillock."""
    for path in _STACKS:
        match = re.search(r"^[^#\n]*pam_faillock\.so([^\n]*)$", host.read(path) or "", re.MULTILINE)
        if match:
            arguments = _words(match[1].replace(" ", "\n"))
            settings = {
                **_USUAL,
                **_words(host.read(arguments.get("conf", "/etc/security/faillock.conf")) or ""),
                **arguments,
            }
            return _lock(settings)
    return None


def _lock(settings: Mapping[str, str]) -> Lock:
    def number(key: str) -> int:
        return int(settings[key]) if settings[key].isdigit() else 0

    return Lock(
        settings["dir"],
        number("deny"),
        number("fail_interval"),
        number("unlock_time"),
        "even_deny_root" in settings,
    )


def failures(host: Host, name: str, folder: str) -> list[int]:
    """When wrong passwords of an account were counted, in seconds since 1970, sorted."""
    try:
        with open(host.at(f"{folder}/{name}"), "rb") as stream:
            raw = stream.read()
    except OSError:
        return []
    whole = len(raw) - len(raw) % _RECORD.size
    return sorted(when for _source, _pad, status, when in _RECORD.iter_unpack(raw[:whole]) if status & _VALID)


def is_locked(host: Host, name: str, uid: int, lock: Lock, now: float) -> bool:
    """Whether wrong passwords keep an account locked now."""
    counted = failures(host, name, lock.folder)
    if not counted or not lock.attempts or (uid == 0 and not lock.root):
        return False
    latest = counted[-1]
    recent = [when for when in counted if latest - when < lock.within]
    return len(recent) >= lock.attempts and (lock.seconds == 0 or latest + lock.seconds > now)
