# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ringfence_flows``: the site's flows as data, with the names that people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory

Derive = Callable[[dict[str, Any]], "Inventory"]


def flows(inventory: Inventory) -> dict[str, dict[str, Any]]:
    return {flow["name"]: flow for flow in inventory.site_variables["ringfence_flows"]}


def test_a_flow_is_told_as_written(small: dict[str, Any], derive: Derive) -> None:
    small["flows"][0] |= {"change": "CHG-1", "review_by": "2027-01-31", "ports": [5432, "6000-6010"]}
    small["flows"][0] |= {"to": ["db1", "192.0.2.9"], "mitigation": "m"}
    assert flows(derive(small))["agents-to-db"] == {
        "name": "agents-to-db",
        "from": ["acme"],
        "to": ["db1", "192.0.2.9/32"],
        "protocol": "tcp",
        "ports": [5432, "6000-6010"],
        "reason": "Work",
        "owner": "ops",
        "change": "CHG-1",
        "review_by": "2027-01-31",
        "derived": False,
        "published": False,
    }


def test_what_is_left_out_is_none_and_no_ports_are_an_empty_list(small: dict[str, Any], derive: Derive) -> None:
    about = {"name": "ping", "from": "mgmt", "to": "internet", "protocol": "icmp", "reason": "r", "owner": "o"}
    small["flows"].append(about)
    told = flows(derive(small))["ping"]
    assert (told["change"], told["review_by"], told["ports"], told["to"]) == (None, None, [], ["internet"])


def test_flows_keep_their_order_and_derived_ones_come_last(small: dict[str, Any], derive: Derive) -> None:
    small["clients"]["acme"]["sites_allowed"] = ["shop.example"]
    small["flows"].append(small["flows"][0] | {"name": "b"})
    told = derive(small).site_variables["ringfence_flows"]
    names = [flow["name"] for flow in told]
    assert names[:2] == ["agents-to-db", "b"]
    assert [flow["derived"] for flow in told] == [False] * 2 + [True] * (len(told) - 2)
    assert {"web-filter-acme", "web-filter-dns-acme-udp", "web-filter-sites"} <= set(names)
    filtered = next(flow for flow in told if flow["name"] == "web-filter-acme")
    assert (filtered["from"], filtered["to"], filtered["ports"]) == (["acme"], ["gw1"], [3128])


def test_a_client_is_told_as_its_segment(small: dict[str, Any], derive: Derive) -> None:
    """A client and its segment are the same end: whoever reads the flows has to know segments only."""
    small["clients"]["initech"] = {"title": "Initech", "segment": "globex"}
    small["flows"][0]["from"] = ["initech", "acme"]
    assert flows(derive(small))["agents-to-db"]["from"] == ["globex", "acme"]
