# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which well-known logins are tried at a device, how often and how slowly."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import network_logins
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vendor_defaults import Login

#: More wrong passwords for one account than this are never sent, whatever is asked for: many devices lock after five.
MOST_TRIES = 3


@dataclass
class Outcome:
    """opened: ``SERVICE PORT: ACCOUNT (PRODUCT)``. unanswered: services that could not be tried, and why.

    left_out: how many logins were not tried so that no account is locked.
    """

    opened: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    tried: int = 0
    left_out: int = 0


def chosen(logins: Iterable[Login], service: str, port: int, kinds: Sequence[str]) -> list[Login]:
    """The logins for a service of a device, each once. kinds: of products; none means all.

    Logins whose catalogue entry names this very port come first, so that the limit cuts off the others.
    """
    fitting: dict[tuple[str, str], Login] = {}
    listed = [one for one in logins if one.service == service and (not kinds or one.kind in (*kinds, "own"))]
    for login in sorted(listed, key=lambda one: (one.kind != "own", one.port != port)):
        fitting.setdefault((login.account, login.password), login)
    return list(fitting.values())


def limited(logins: Sequence[Login], tries: int) -> list[Login]:
    """At most so many logins for each account."""
    seen: dict[str, int] = {}
    kept = []
    for login in logins:
        seen[login.account] = seen.get(login.account, 0) + 1
        # A community is no account that could be locked.
        if login.service == "snmp" or seen[login.account] <= min(tries, MOST_TRIES):
            kept.append(login)
    return kept


def attempt(
    address: str,
    services: Iterable[tuple[str, int]],
    logins: Sequence[Login],
    *,
    kinds: Sequence[str] = (),
    tries: int = MOST_TRIES,
    pause: float = 1.0,
    seconds: float = 5.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Try the logins for some services (name, port) of one device, one after another with a pause in between."""
    outcome = Outcome()
    for service, port in services:
        listed = chosen(logins, service, port, kinds)
        kept = limited(listed, tries)
        outcome.left_out += len(listed) - len(kept)
        found = []
        for login in kept:
            if outcome.tried:
                sleep(pause)
            outcome.tried += 1
            try:
                if network_logins.SERVICES[service](address, port, login.account, login.password, seconds):
                    found.append(f"{login.account} ({login.product})" if login.account else login.product)
            except (OSError, network_logins.Unanswered) as problem:
                said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
                outcome.unanswered.append(f"{service} {port}: {said}")
                break
        outcome.opened += [f"{service} {port}: {one}" for one in found]
    return outcome
