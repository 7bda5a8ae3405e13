# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of the module firewall_ruleset to its ruleset."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_render import Options, render
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import Rule, RulesError, parse

_LOCKDOWN = """\
# Written by the role ringfence.callcenter.firewall. It is loaded at boot where no rules are in force, and stays where
# ruleset.nft cannot be loaded: administrators get in, nothing else does and nothing gets out.
"""
#: What becomes of rules past their review date: they are loaded all the same, or left out.
EXPIRED = ("keep", "refuse")


@dataclass(frozen=True)
class Ruleset:
    """A rendered ruleset. ``rules``: those in it. ``expired``: those past their review date, in it or left out."""

    text: str
    rules: tuple[Rule, ...]
    expired: tuple[Rule, ...]


def _administration(sources: list[str], ports: list[int]) -> dict[str, Any]:
    return {
        "name": "administration",
        "direction": "inbound",
        "source": sources,
        "protocol": "tcp",
        "ports": ports,
        "reason": "Administrators and automation reach this host",
        "owner": "administration_sources",
    }


def is_expired(rule: Rule, today: datetime.date) -> bool:
    """Whether a rule is past its review date. On the date itself it is not; without one it never is."""
    return bool(rule.review_by) and datetime.date.fromisoformat(rule.review_by) < today


def compose(
    rules: Mapping[str, Any],
    *,
    administration_sources: list[str] | None = None,
    administration_ports: list[int] | None = None,
    expired_rules: str = "keep",
    today: datetime.date | None = None,
    **options: Any,
) -> Ruleset:
    """The whole ruleset. The arguments are the options of firewall_ruleset; ``today`` is the date now, UTC.

    Raises RulesError with everything that is wrong.
    """
    table = Options(**options)
    lists = dict(rules)
    if administration_sources:
        ports = [22] if administration_ports is None else administration_ports
        lists["administration"] = [_administration(administration_sources, ports)]
    errors = table.errors()
    if expired_rules not in EXPIRED:
        errors.append(f"expired_rules: {expired_rules!r} is unknown; valid: {', '.join(EXPIRED)}")
    try:
        parsed = parse(lists)
    except RulesError as error:
        raise RulesError(error.errors + errors) from error
    if errors:
        raise RulesError(errors)
    day = today or datetime.datetime.now(datetime.timezone.utc).date()
    expired = [rule for rule in parsed if is_expired(rule, day)]
    kept = [rule for rule in parsed if expired_rules == "keep" or rule not in expired]
    return Ruleset(render(kept, table), tuple(kept), tuple(expired))


def build(rules: Mapping[str, Any], **options: Any) -> str:
    """The text of the whole ruleset; arguments and errors are those of :func:`compose`."""
    return compose(rules, **options).text


def lockdown(rules: Mapping[str, Any], *, administration_ports: list[int] | None = None, **options: Any) -> str:
    """The text of the ruleset that keeps the host closed to everybody but those who can mend it.

    Arguments and errors are those of :func:`compose`; of the rules, only those stay that open an administration port.
    """
    ports = [22] if administration_ports is None else administration_ports
    ruleset = compose(rules, administration_ports=ports, **options)
    kept = [rule for rule in ruleset.rules if rule.direction == "inbound" and _opens(rule, ports)]
    table = Options(log=False, dhcp_client=options.get("dhcp_client", Options.dhcp_client))
    return _LOCKDOWN + render(kept, table)


def _opens(rule: Rule, ports: list[int]) -> bool:
    return rule.protocol == "tcp" and any(low <= port <= high for low, high in rule.ports for port in ports)


def inbound_ports(ruleset: Ruleset) -> list[str]:
    """The TCP ports that a ruleset lets somebody in to, as ``22`` or ``8000-8099``, sorted."""
    ranges = {pair for rule in ruleset.rules if rule.direction == "inbound" for pair in _tcp_ports(rule)}
    return [str(low) if low == high else f"{low}-{high}" for low, high in sorted(ranges)]


def _tcp_ports(rule: Rule) -> tuple[tuple[int, int], ...]:
    return {"tcp": rule.ports, "any": ((1, 65535),)}.get(rule.protocol, ())


def review_dates(ruleset: Ruleset) -> dict[str, str]:
    """By when the rules of a ruleset are to be reviewed: ``DIRECTION NAME`` -> date, of those that have a date."""
    return {f"{rule.direction} {rule.name}": rule.review_by for rule in ruleset.rules if rule.review_by}
