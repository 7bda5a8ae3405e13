# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``pam_stack``: what happens to a login with a wrong and with a right password.

Parameters: ``services`` (names below /etc/pam.d; one without a file of its own gets ``other``), ``type`` (auth unless
told). PAM reads these files at every login, so what is seen here is what runs.

Observes ``pauses`` (service -> the longest pause in seconds that its stack asks libpam for after a wrong password),
``shortest_pause_seconds`` (over all services), ``always_on_wrong_password`` and ``always_on_right_password`` (the
lines ``CONTROL MODULE ARGUMENTS`` that run in every service, in order, jumps and includes resolved),
``modules_always_on_right_password`` (the same as ``CONTROL MODULE``, whatever the arguments),
``wrong_password_enters`` (services that let in with a wrong one) and ``missing`` (services with no stack at all).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import _pam
from .base import Host, NotApplicable, Observation


def _common(ways: Mapping[str, list[str]]) -> list[str]:
    """The lines of the first way that all others have too."""
    lists = list(ways.values())
    return [line for line in lists[0] if all(line in other for other in lists[1:])]


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Walk through the stacks of ``services``."""
    services = [str(name) for name in params["services"]]
    kind = str(params.get("type", "auth"))
    if not services:
        raise NotApplicable("no service is named")
    wrong: dict[str, _pam.Walk] = {}
    right: dict[str, _pam.Walk] = {}
    missing = []
    for service in services:
        # libpam falls back to the service "other" for those without a file.
        stack = _pam.entries(host, service if _pam.path_of(host, service) else "other", kind)
        if not stack:
            missing.append(service)
            continue
        wrong[service] = _pam.walk(host, service, stack, right=False)
        right[service] = _pam.walk(host, service, stack, right=True)
    modules = {name: [re.sub(r"(\.so)\s.*", r"\1", line) for line in way.ran] for name, way in right.items()}
    pauses = {service: way.pause_seconds for service, way in wrong.items()}
    return Observation(
        {
            "pauses": pauses,
            "shortest_pause_seconds": min(pauses.values(), default=0.0),
            "always_on_wrong_password": _common({name: way.ran for name, way in wrong.items()}) if wrong else [],
            "always_on_right_password": _common({name: way.ran for name, way in right.items()}) if right else [],
            "modules_always_on_right_password": _common(modules) if right else [],
            "wrong_password_enters": [service for service, way in wrong.items() if way.accepted],
            "missing": missing,
        },
        " ".join(_pam.path_of(host, service) or f"{_pam.FOLDERS[0]}/other" for service in services),
    )
