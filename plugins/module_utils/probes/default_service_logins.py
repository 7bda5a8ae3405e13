# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``default_service_logins``: services of this host that a login everybody can look up opens.

Parameters: ``catalogue`` (``entries``: [{product, service, account, password}]). Looks for PostgreSQL and MariaDB (the
verifiers they keep), Redis and SNMP agents (their own protocol), only those that run, on this host only.

Observes ``opened`` (``SERVICE PLACE: ACCOUNT (PRODUCT)``, never the password), ``written`` (files that will open one at
the next start), ``unknown_verifiers``, ``not_asked`` (services that run and could not be asked) and ``services``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _services
from .base import Host, NotApplicable, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask every service that runs."""
    logins = _services.by_service(params["catalogue"])
    looks: list[_services.Look] = []
    not_asked = []
    for name, ask in sorted(_services.SERVICES.items()):
        try:
            looks.append(ask(host, logins.get(name, [])))
        except NotObservable as problem:
            not_asked.append(f"{name}: {problem}")
    services = [one for look in looks for one in look.looked_at]
    if not services and not not_asked:
        raise NotApplicable("none of the services that are known here runs on this host")
    return Observation(
        {
            "opened": [one for look in looks for one in look.opened],
            "written": [one for look in looks for one in look.written],
            "unknown_verifiers": [one for look in looks for one in look.unknown],
            "not_asked": not_asked,
            "services": services,
        },
        ", ".join(services) or "/proc",
    )
