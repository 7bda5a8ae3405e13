# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Administration: the ports of ssh in one place, the accounts that stay usable, and a date by which to look again."""

from __future__ import annotations

from typing import Any, Callable

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import lockdown
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import (
    SHOWN_AT_MOST,
    warning_report,
)

Derive = Callable[[Any], Inventory]
Refused = Callable[[Any], list[str]]
ACCOUNT = {"name": "automation", "reason": "Ansible comes in by it", "owner": "it"}


def warned(model: dict[str, Any]) -> str:
    """The warnings about administration; test_site_needs.py has the others."""
    site = load_site(yaml.safe_dump(model, sort_keys=False), "site.yml")
    return warning_report(site.file, [one for one in site.warnings if one.path[0] == "administration"])


def ssh_rules(inventory: Inventory, host: str, direction: str) -> dict[str, list[int]]:
    return {
        rule["name"]: rule["ports"]
        for rule in inventory.host_variables[host]["firewall_flow_rules"]
        if rule["direction"] == direction and rule["name"].startswith("administration-ssh")
    }


def test_a_model_that_says_nothing_of_ports_leaves_ansible_where_it_comes_to(
    small: dict[str, Any], derive: Derive
) -> None:
    inventory = derive(small)
    assert "ansible_port" not in inventory.site_variables
    assert inventory.site_variables["firewall_administration_ports"] == [22]
    assert inventory.site_variables["login_delay_ban_ports"] == [22]
    assert inventory.site_variables["ringfence_administration_accounts"] == []


def test_the_ports_are_said_once(small: dict[str, Any], derive: Derive) -> None:
    small["administration"]["ports"] = [2200, 22]
    small["hosts"]["db1"]["ssh_port"] = 2222
    inventory = derive(small)
    assert inventory.site_variables["ansible_port"] == 2200
    assert inventory.site_variables["firewall_administration_ports"] == [2200, 22]
    assert inventory.site_variables["ringfence_administration"]["ports"] == [2200, 22]
    db1, log1 = inventory.host_variables["db1"], inventory.host_variables["log1"]
    assert (db1["ansible_port"], db1["firewall_administration_ports"], db1["login_delay_ban_ports"]) == (
        2222,
        [2222],
        [2222],
    )
    assert not {"ansible_port", "firewall_administration_ports", "login_delay_ban_ports"} & set(log1)
    assert (db1["ringfence_host"]["ssh_ports"], log1["ringfence_host"]["ssh_ports"]) == ([2222], [2200, 22])
    assert ssh_rules(inventory, "db1", "inbound") == {"administration-ssh": [2222]}
    assert ssh_rules(inventory, "log1", "inbound") == {"administration-ssh": [2200, 22]}
    ways = {"administration-ssh": [2200, 22], "administration-ssh__p2222": [2222]}
    assert ssh_rules(inventory, "adm1", "outbound") == ways
    assert ssh_rules(inventory, "gw1", "forward") == ways


def test_the_way_to_another_port_leads_to_its_host_only(small: dict[str, Any], derive: Derive) -> None:
    small["hosts"]["db1"]["ssh_port"] = 2222
    (rule,) = (
        rule
        for rule in derive(small).host_variables["gw1"]["firewall_flow_rules"]
        if rule["name"] == "administration-ssh__p2222" and rule["direction"] == "forward"
    )
    assert rule["destination"] == ["10.1.40.10", "fd01:40::10"]


def test_a_host_in_trouble_lets_administrators_in_on_its_own_port(small: dict[str, Any], derive: Derive) -> None:
    small["hosts"]["db1"]["ssh_port"] = 2222
    variables = derive(small).host_variables["db1"]
    rules = {"firewall_flow_rules": variables["firewall_flow_rules"]}
    text = lockdown(rules, administration_ports=variables["firewall_administration_ports"])
    assert "tcp dport 2222" in text
    assert "dport 22 " not in text


def test_what_people_say_of_the_whole_site_wins_over_the_ports_of_one_host(
    small: dict[str, Any], derive: Derive
) -> None:
    small["hosts"]["db1"]["ssh_port"] = 2222
    small["vars"] = {"login_delay_ban_ports": []}
    inventory = derive(small)
    assert "login_delay_ban_ports" not in inventory.host_variables["db1"]
    assert inventory.free_site_variables == {"login_delay_ban_ports": []}


@pytest.mark.parametrize("port", [2222, "2222"])
@pytest.mark.parametrize("name", ["ansible_port", "ansible_ssh_port"])
def test_a_port_that_the_firewall_would_close_is_refused(
    small: dict[str, Any], refused: Refused, derive: Derive, name: str, port: Any
) -> None:
    small["hosts"]["db1"]["vars"] = {name: port}
    (problem,) = refused(small)
    assert f"hosts.db1.vars.{name}: Ansible would come to port 2222" in problem
    assert "administration.ports (22 unless said otherwise) has 22" in problem
    assert "ssh_port of the host" in problem
    small["hosts"]["db1"]["ssh_port"] = 2223
    (problem,) = refused(small)
    assert "ssh_port is 2223" in problem
    small["hosts"]["db1"]["ssh_port"] = 2222
    assert derive(small).host_variables["db1"]["ansible_port"] == 2222


def test_a_port_of_all_hosts_that_the_firewall_would_close_is_refused(
    small: dict[str, Any], refused: Refused, derive: Derive
) -> None:
    small["vars"] = {"ansible_port": 2222}
    (problem,) = refused(small)
    assert "vars.ansible_port: Ansible would come to port 2222, and administration.ports" in problem
    small["administration"]["ports"] = [22, 2222]
    assert derive(small).free_site_variables["ansible_port"] == 2222, "the one that people chose"


def test_a_port_that_is_worked_out_is_nobodys_contradiction(small: dict[str, Any], derive: Derive) -> None:
    small["vars"] = {"ansible_port": "{{ my_port }}"}
    derive(small)


def test_the_accounts_that_stay_usable(small: dict[str, Any], derive: Derive) -> None:
    small["administration"]["accounts"] = [ACCOUNT, {**ACCOUNT, "name": "ana@corp.example", "expires": "2099-12-31"}]
    assert derive(small).site_variables["ringfence_administration_accounts"] == [
        {**ACCOUNT, "expires": None},
        {**ACCOUNT, "name": "ana@corp.example", "expires": "2099-12-31"},
    ]


@pytest.mark.parametrize(
    ("accounts", "reason"),
    [
        ([{**ACCOUNT, "name": "a b"}], "name: expected the name of an account, found 'a b'"),
        ([{"name": "x", "owner": "it"}], "reason: this key is missing"),
        ([{"name": "x", "reason": "r"}], "owner: this key is missing"),
        ([{**ACCOUNT, "expires": "soon"}], "expires: expected a date such as"),
        ([ACCOUNT, {**ACCOUNT, "reason": "again"}], "accounts[1].name: automation is in this list twice"),
    ],
)
def test_accounts_that_are_refused(small: dict[str, Any], refused: Refused, accounts: Any, reason: str) -> None:
    small["administration"]["accounts"] = accounts
    (problem,) = refused(small)
    assert reason in problem


def test_an_account_that_has_expired_is_a_warning(small: dict[str, Any]) -> None:
    small["administration"] |= {"review_by": "2027-06-30", "accounts": [{**ACCOUNT, "expires": "2020-01-31"}]}
    assert "administration.accounts[0].expires: account automation expired here on 2020-01-31" in warned(small)
    small["administration"]["accounts"][0]["expires"] = "2099-01-31"
    assert warned(small) == ""


def test_every_derived_rule_carries_the_review_date(small: dict[str, Any], derive: Derive) -> None:
    assert "site.yml:" in warned(small)
    assert "administration: has no review_by" in warned(small)
    small["administration"]["review_by"] = "2027-06-30"
    small["hosts"]["db1"]["ssh_port"] = 2222
    small["clients"]["acme"]["sites_allowed"] = ["crm.example"]
    small["segments"]["acme"]["dhcp"] = {"first": "10.1.10.100", "last": "10.1.10.199"}
    del small["flows"]
    assert warned(small) == ""
    inventory = derive(small)
    rules = [rule for told in inventory.host_variables.values() for rule in told["firewall_flow_rules"]]
    assert {rule["name"].partition("__")[0] for rule in rules} >= {"administration-ssh", "dhcp", "web-filter-acme"}
    assert {rule.get("review_by") for rule in rules} == {"2027-06-30"}
    assert {flow["review_by"] for flow in inventory.site_variables["ringfence_flows"]} == {"2027-06-30"}


def test_ports_of_administration_are_the_models_to_say(small: dict[str, Any], refused: Refused) -> None:
    small["vars"] = {"firewall_administration_ports": [22, 2222], "ringfence_administration_accounts": []}
    assert all("is derived from the model and can't be set here" in problem for problem in refused(small))
    assert len(refused(small)) == 2


@pytest.mark.parametrize(("label", "right"), [("a" * 63, True), ("a" * 64, False)])
def test_parts_of_host_names_have_at_most_63_characters(
    small: dict[str, Any], refused: Refused, derive: Derive, label: str, right: bool
) -> None:
    name = f"{label}.site.example"
    small["hosts"][name] = {"kind": "server", "segment": "servers", "address": "10.1.30.99", "os": "debian12"}
    if right:
        assert name in derive(small).host_variables
    else:
        assert "at most 63 characters each" in refused(small)[0]


def test_a_thousand_warnings_are_still_short(small: dict[str, Any]) -> None:
    site = load_site(yaml.safe_dump(small), "site.yml")
    lines = warning_report("site.yml", site.warnings[:1] * (SHOWN_AT_MOST + 5)).splitlines()
    assert len(lines) == SHOWN_AT_MOST + 2
    assert lines[-1] == "  … and 5 more"
