# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules as people write them: what is accepted, and that every error is named at once."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError, parse


def rule(**changes: Any) -> dict[str, Any]:
    """A good rule with some keys changed; None takes a key away."""
    entry = {
        "name": "web",
        "direction": "inbound",
        "protocol": "tcp",
        "ports": [443],
        "reason": "Customers reach the portal",
        "owner": "Network team",
        **changes,
    }
    return {key: value for key, value in entry.items() if value is not None}


def errors(*entries: Any, **lists: Any) -> list[str]:
    """What is wrong with these rules."""
    with pytest.raises(RulesError) as caught:
        parse({"firewall_rules": list(entries), **lists})
    return caught.value.errors


def test_a_good_rule_is_read_whole() -> None:
    """Every key arrives."""
    (found,) = parse(
        {
            "firewall_rules": [
                rule(
                    source=["10.1.0.0/16", "fd00::1"],
                    source_except=["10.1.9.0/24"],
                    destination=["10.2.0.1"],
                    ports=[443, "8000-8080"],
                    change="CHG-1",
                    review_by=datetime.date(2027, 6, 30),
                )
            ]
        }
    )
    assert [str(network) for network in found.source] == ["10.1.0.0/16", "fd00::1/128"]
    assert found.ports == ((443, 443), (8000, 8080))
    assert found.families == (4,), "the destination has IPv4 only"
    assert found.review_by == "2027-06-30"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"port": 1}, ["port: unknown key", "valid: name, direction"]),
        ({"name": "Web"}, ["name: 'Web'"]),
        ({"name": 7}, ["name: 7"]),
        ({"direction": "in"}, ["direction: 'in' is unknown; valid: inbound, outbound, forward"]),
        ({"protocol": "sctp"}, ["protocol: 'sctp' is unknown; valid: tcp, udp"]),
        ({"ports": None}, ["ports: missing; tcp needs"]),
        ({"ports": [0]}, ["ports: 0 is not"]),
        ({"ports": [65536]}, ["65536"]),
        ({"ports": ["20-10"]}, ["'20-10'"]),
        ({"ports": [True]}, ["True"]),
        ({"ports": 443}, ["ports: 443 is not a list; write it as [443]"]),
        ({"protocol": "icmp"}, ["ports: icmp has none; valid with: tcp, udp"]),
        ({"source": ["10.0.0.1/8"]}, ["bits set after its prefix; valid: 10.0.0.0/8"]),
        ({"source": ["fe80::1%eth0"]}, ["names an interface"]),
        ({"source": ["printer"]}, ["source: 'printer' is not an address"]),
        ({"source": [10]}, ["source: 10 is not an address"]),
        ({"source": "10.0.0.1"}, ["source: '10.0.0.1' is not a list"]),
        ({"destination_except": ["::/0"]}, ["except every address"]),
        ({"source": ["10.0.0.1"], "destination": ["fd00::1"]}, ["no address family in common"]),
        ({"protocol": "icmpv6", "ports": None, "source": ["10.0.0.1"]}, ["no address family in common"]),
        ({"reason": None}, ["reason: missing"]),
        ({"reason": "  "}, ["reason: '  ' is not a text"]),
        ({"owner": ""}, ["owner: missing"]),
        ({"owner": 5}, ["owner: 5 is not a text"]),
        ({"ports": [23]}, ["mitigation: missing; say what makes this service safe here (tcp 23 is telnet: passwords"]),
        ({"ports": [80, "1-65535"]}, ["tcp 7 is echo", "and 20 more"]),
        ({"protocol": "any", "ports": None}, ["mitigation: missing; this lets every service through"]),
        ({"mitigation": 5, "ports": [23]}, ["mitigation: 5 is not a text"]),
        ({"review_by": "soon"}, ["review_by: 'soon' is not a date"]),
    ],
)
def test_a_bad_value_is_named(changes: dict[str, Any], told: list[str]) -> None:
    """The list, index, name, key and what is valid."""
    (message,) = errors(rule(name="first"), rule(**changes))
    assert message.startswith("firewall_rules[1]")
    for text in told:
        assert text in message


def test_all_errors_come_at_once() -> None:
    """Over all rules and lists, not one after another."""
    found = errors(rule(reason=None), "open everything", rule(name="b", ports=[0]), firewall_flow_rules={"a": 1})
    assert [text.split(":")[0] for text in found] == [
        "firewall_rules[0] (web)",
        "firewall_rules[1]",
        "firewall_rules[2] (b)",
        "firewall_flow_rules",
    ]


def test_a_name_is_given_once_a_direction() -> None:
    """Also over lists; the other direction may use it again."""
    parse({"firewall_rules": [rule(), rule(direction="outbound")]})
    (message,) = errors(rule(), firewall_flow_rules=[rule()])
    assert message.startswith("firewall_flow_rules[0] (web)")
    assert "firewall_rules[0]" in message
