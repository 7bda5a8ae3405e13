# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the internet may reach: the rules it gives, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory

SERVICE = {
    "name": "mail-in",
    "host": "mail1",
    "protocol": "tcp",
    "ports": [25],
    "reason": "Mail from customers",
    "owner": "it",
    "change": "CHG-7",
    "review_by": "2027-03-31",
}
FLOW = {"name": "f", "from": "internet", "to": "mail1", "protocol": "tcp", "ports": [25], "reason": "r", "owner": "o"}


def test_a_service_gives_rules_at_its_host_and_its_gateway_and_nowhere_else(
    small: dict[str, Any], derive: Callable[[Any], Inventory]
) -> None:
    small["published"] = [SERVICE]
    inventory = derive(small)
    found = {
        (host, rule["direction"]): rule
        for host, variables in inventory.host_variables.items()
        for rule in variables["firewall_flow_rules"]
        if rule["name"] == "mail-in"
    }
    assert set(found) == {("mail1", "inbound"), ("gw1", "forward")}
    for rule in found.values():
        assert (rule["destination"], rule["ports"]) == (["10.1.30.10", "fd01:30::10"], [25])
        assert "10.0.0.0/8" in rule["source_except"]
        assert "source" not in rule
        assert (rule["owner"], rule["change"], rule["review_by"]) == ("it", "CHG-7", "2027-03-31")
    (listed,) = inventory.site_variables["ringfence_published"]
    assert listed == {**SERVICE, "addresses": ["10.1.30.10", "fd01:30::10"]}
    flows = {flow["name"]: flow for flow in inventory.site_variables["ringfence_flows"]}
    assert (flows["mail-in"]["from"], flows["mail-in"]["to"]) == (["internet"], ["mail1"])
    assert [flow["published"] for flow in flows.values()] == [False, True]


def test_a_gateway_may_publish_itself(small: dict[str, Any], derive: Callable[[Any], Inventory]) -> None:
    small["published"] = [{**SERVICE, "host": "gw1", "protocol": "esp"}]
    del small["published"][0]["ports"]
    rules = derive(small).host_variables["gw1"]["firewall_flow_rules"]
    assert [rule["direction"] for rule in rules if rule["name"] == "mail-in"] == ["inbound"]


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ({"host": "mail2"}, r"published\[0\]\.host: 'mail2' is no host of this site\. Valid: .* Did you mean mail1\?"),
        ({"host": "servers"}, r"published\[0\]\.host: 'servers' is no host"),
        ({"host": "db1"}, r"published\[0\]: db1 has class card_data"),
        (
            {"host": "log1", "protocol": "icmpv6", "ports": None},
            r"published\[0\]\.host: log1 has no address that icmpv6",
        ),
        ({"protocol": "any"}, r"published\[0\]\.protocol: 'any' is not valid here"),
        ({"ports": None}, r"published\[0\]\.ports: this key is missing; tcp needs the ports"),
        ({"ports": [23]}, r"published\[0\]\.mitigation: this key is missing; .*telnet"),
        ({"review_by": None}, r"published\[0\]\.review_by: this key is missing"),
        ({"owner": None}, r"published\[0\]\.owner: this key is missing"),
        ({"name": "agents-to-db"}, r"published\[0\]\.name: the name agents-to-db is already flows\[0\]\.name"),
        ({"from": "internet"}, r"published\[0\]\.from: unknown key"),
    ],
)
def test_a_mistake_is_refused(
    service: dict[str, Any], says: str, small: dict[str, Any], refused: Callable[[Any], list[str]]
) -> None:
    entry = {**SERVICE, **service}
    small["published"] = [{key: value for key, value in entry.items() if value is not None}]
    problems = refused(small)
    assert any(re.search(says, problem) for problem in problems), problems


def test_what_is_published_twice_is_refused(small: dict[str, Any], refused: Callable[[Any], list[str]]) -> None:
    small["published"] = [SERVICE, {**SERVICE, "name": "b", "ports": ["20-30"], "mitigation": "m"}]
    (problem,) = refused(small)
    assert "published[1]: is published by published[0] already" in problem


@pytest.mark.parametrize("sources", ["internet", ["acme", "internet"]])
def test_a_flow_from_the_internet_is_refused(
    sources: Any, small: dict[str, Any], refused: Callable[[Any], list[str]]
) -> None:
    small["flows"] = [{**FLOW, "from": sources}]
    (problem,) = refused(small)
    assert re.search(r"flows\[0\]\.from\[\d\]: what internet reaches stands under published", problem)
