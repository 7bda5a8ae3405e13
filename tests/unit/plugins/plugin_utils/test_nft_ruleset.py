# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules past their review date: kept or left out, and named either way."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.action.firewall_ruleset import _warnings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import (
    compose,
    inbound_ports,
    lockdown,
    review_dates,
)

RULE = {"direction": "inbound", "protocol": "tcp", "ports": [443], "reason": "r", "owner": "Web team"}
RULES = {
    "firewall_rules": [
        {**RULE, "name": "old", "review_by": "2026-02-28"},
        {**RULE, "name": "new", "review_by": "2027-06-30"},
        {**RULE, "name": "undated"},
    ]
}
DAY = datetime.date(2026, 3, 1)


def made(**options: Any) -> Any:
    """A ruleset on that day."""
    return compose(RULES, today=DAY, administration_sources=["192.0.2.1"], **options)


def test_kept() -> None:
    """They are loaded, and a warning says so."""
    ruleset = made()
    assert 'comment "old"' in ruleset.text
    assert review_dates(ruleset) == {"inbound old": "2026-02-28", "inbound new": "2027-06-30"}
    (warning,) = _warnings(ruleset, "keep")["warnings"]
    assert "still loaded: inbound old (due 2026-02-28, owner Web team)" in warning


def test_refused() -> None:
    """They are not in the ruleset; those without a date, the administration's for one, never expire."""
    ruleset = made(expired_rules="refuse")
    assert 'comment "old"' not in ruleset.text
    assert [rule.name for rule in ruleset.rules] == ["new", "undated", "administration"]
    assert review_dates(ruleset) == {"inbound new": "2027-06-30"}
    assert "not loaded: inbound old" in _warnings(ruleset, "refuse")["warnings"][0]


def test_not_yet() -> None:
    """On the date itself nothing is overdue."""
    ruleset = compose(RULES, today=datetime.date(2026, 2, 28), expired_rules="refuse")
    assert 'comment "old"' in ruleset.text
    assert _warnings(ruleset, "refuse") == {}


def test_an_unknown_choice_is_refused() -> None:
    """Naming what is valid."""
    with pytest.raises(RulesError, match="expired_rules: 'drop' is unknown; valid: keep, refuse"):
        made(expired_rules="drop")


def test_locked_down() -> None:
    """Only what opens an administration port stays, from where it was open; every chain drops."""
    rules = {
        "firewall_rules": [
            {**RULE, "name": "portal"},
            {**RULE, "name": "jump", "source": ["192.0.2.7"], "ports": [22, "8000-8010"]},
            {**RULE, "name": "telemetry", "protocol": "udp", "ports": [22]},
            {**RULE, "name": "ssh-out", "direction": "outbound", "ports": [22]},
        ]
    }
    text = lockdown(rules, administration_sources=["192.0.2.1"])
    assert [word for word in ("portal", "jump", "telemetry", "ssh-out", "administration") if f'"{word}"\n' in text] == [
        "jump",
        "administration",
    ]
    assert text.count("policy drop;") == 3
    assert "log prefix" not in text


def test_locked_down_on_another_port() -> None:
    """The administration ports of the host count, not 22."""
    text = lockdown(
        {"firewall_rules": []}, administration_sources=["192.0.2.1"], administration_ports=[2222], dhcp_client=False
    )
    assert "ip saddr 192.0.2.1 tcp dport 2222" in text
    assert "dhcp" not in text


def test_ports_that_somebody_is_let_in_to() -> None:
    """Outbound rules and other protocols open none; a rule for any protocol opens all."""
    more = [
        {**RULE, "name": "range", "ports": ["8000-8099", 22]},
        {**RULE, "name": "names", "protocol": "udp", "ports": [53]},
        {**RULE, "name": "out", "direction": "outbound", "ports": [25]},
    ]
    ruleset = compose({"firewall_rules": more}, administration_sources=["192.0.2.1"], administration_ports=[2222])
    assert inbound_ports(ruleset) == ["22", "2222", "8000-8099"]
    plain = {key: value for key, value in RULE.items() if key != "ports"}
    everything = {**plain, "name": "all", "protocol": "any", "mitigation": "A test bench"}
    assert inbound_ports(compose({"firewall_rules": [everything]})) == ["1-65535"]
