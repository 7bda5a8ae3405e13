# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``pwquality_effective``: what pam_pwquality asks of a new password.

Parameters: ``service`` (passwd unless told). Settings are read as libpwquality does: its defaults, the files of
/etc/security/pwquality.conf.d, /etc/security/pwquality.conf, then the arguments of the first pam_pwquality line of the
service. Observes each numeric setting as a number, ``enforce_for_root`` and ``local_users_only`` as truth, ``badwords``
as a list, and ``levels``: group -> length that a line of its own asks of the members of a group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import _pam
from .base import Host, NotObservable, Observation

CONF = "/etc/security/pwquality.conf"

_DEFAULTS: dict[str, Any] = {
    "difok": 1,
    "minlen": 8,
    "dcredit": 0,
    "ucredit": 0,
    "lcredit": 0,
    "ocredit": 0,
    "minclass": 0,
    "maxrepeat": 0,
    "maxclassrepeat": 0,
    "maxsequence": 0,
    "gecoscheck": 0,
    "dictcheck": 1,
    "usercheck": 1,
    "usersubstr": 0,
    "enforcing": 1,
    "retry": 1,
    "enforce_for_root": False,
    "local_users_only": False,
    "badwords": [],
}


def _set(settings: dict[str, Any], key: str, value: str) -> None:
    """Take over one setting; libpwquality takes no length below 6."""
    known = _DEFAULTS.get(key)
    if isinstance(known, bool):
        settings[key] = True
    elif isinstance(known, list):
        settings[key] = value.split()
    elif isinstance(known, int) and re.fullmatch(r"-?[0-9]+", value):
        settings[key] = max(6, int(value)) if key == "minlen" else int(value)


def _apply(settings: dict[str, Any], text: str) -> None:
    for line in text.splitlines():
        key, _equals, value = line.split("#", 1)[0].partition("=")
        _set(settings, key.strip(), value.strip())


def _levels(entries: tuple[_pam.Entry, ...]) -> dict[str, int]:
    """The lines that ask more of a group: a condition that skips just the pam_pwquality line behind it."""
    found = {}
    for condition, line in zip(entries, entries[1:]):
        words = " ".join(condition.args)
        match = re.search(r"\buser ingroup (\S+)$", words)
        length = re.search(r"\bminlen=([0-9]+)", " ".join(line.args))
        skips = condition.actions == {"success": "ignore", "default": "1"}
        if condition.name == "pam_succeed_if" and match and skips and length and _asks(line):
            found[match[1]] = int(length[1])
    return found


def _asks(entry: _pam.Entry) -> bool:
    """Whether a line is one of pam_pwquality that can refuse."""
    return entry.name == "pam_pwquality" and entry.control in ("requisite", "required")


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Put the settings together."""
    service = str(params.get("service", "passwd"))
    entries = _pam.entries(host, service, "password")
    if not entries:
        raise NotObservable(f"there is no stack for {service}")
    settings = {key: list(value) if isinstance(value, list) else value for key, value in _DEFAULTS.items()}
    for name in host.listdir(f"{CONF}.d"):
        if name.endswith(".conf"):
            _apply(settings, host.read(f"{CONF}.d/{name}") or "")
    _apply(settings, host.read(CONF) or "")
    first = next((entry for entry in entries if entry.name == "pam_pwquality"), None)
    for word in first.args if first else ():
        key, _equals, value = word.partition("=")
        _set(settings, key, value)
    asked = {"asked": first is not None and _asks(first), "levels": _levels(entries)}
    return Observation({**settings, **asked}, f"{CONF} {_pam.path_of(host, service)}")
