# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose each host is. What no rule gives to the client is somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import inventory
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.parties import PackError, divide
from tests.support.call_centre import CallCentre

CENTRE = CallCentre({"acme": "Acme Insurance", "globex": "Globex Travel"}, hosts_each=1)


def divided(hostvars: dict[str, Any], client: str = "acme", **attributes: Any) -> dict[str, tuple[str, ...]]:
    """The hosts of the call centre, divided; attributes: of hosts as the bundle has them, by name."""
    records = CENTRE.records()
    for record in records:
        record["attributes"].update(attributes.get(record["host"].replace("-", "_"), {}))
    parties = divide(records, inventory.read(hostvars), client)
    return {"own": parties.own, "shared": parties.shared, "others": parties.others}


@pytest.fixture
def hostvars() -> dict[str, Any]:
    return CENTRE.hostvars()


def test_the_clients_own_the_shared_and_the_others(hostvars: dict[str, Any]) -> None:
    found = divided(hostvars)
    assert found["own"] == ("ws-acme-1",)
    assert set(found["shared"]) == {"db1", "mail1", "gw1"}
    assert found["others"] == ("ws-globex-1",)


def test_a_client_that_nobody_knows_is_refused_with_the_valid_names(hostvars: dict[str, Any]) -> None:
    with pytest.raises(PackError, match=r"client: there is no client 'initech'\. Valid: acme, globex\.$"):
        divided(hostvars, "initech")


def test_where_bundle_and_inventory_differ_it_is_somebody_elses(hostvars: dict[str, Any]) -> None:
    hostvars["ws-acme-1"]["ringfence_host"] = {**hostvars["ws-acme-1"]["ringfence_host"], "client": "globex"}
    assert "ws-acme-1" in divided(hostvars)["others"]
    assert "gw1" in divided(CENTRE.hostvars(), gw1={"client": "globex"})["others"]


def test_a_former_client_can_have_its_pack(hostvars: dict[str, Any]) -> None:
    del hostvars["ws-acme-1"]
    for told in hostvars.values():
        told["ringfence_clients"] = {"globex": told["ringfence_clients"]["globex"]}
    found = divided(hostvars)
    assert found["own"] == ("ws-acme-1",)
    assert "ws-globex-1" in found["others"]


def test_a_host_of_nobody_that_the_inventory_lost_is_not_shown(hostvars: dict[str, Any]) -> None:
    del hostvars["mail1"]
    assert "mail1" in divided(hostvars)["others"]


def test_a_host_in_a_clients_segment_of_no_client_is_not_shown(hostvars: dict[str, Any]) -> None:
    assert "mail1" in divided(hostvars, mail1={"class": "client"})["others"]


def test_a_database_that_holds_others_data_alone_is_not_shown(hostvars: dict[str, Any]) -> None:
    hostvars["db1"]["ringfence_databases"] = [{"client": "globex", "name": "globex"}]
    assert "db1" in divided(hostvars)["others"]
    assert "db1" in divided(hostvars, "globex")["shared"]


def test_a_server_that_others_alone_reach_is_not_shown(hostvars: dict[str, Any]) -> None:
    flow = {"from": ["seg-globex"], "to": ["mail1", "gw1"]}
    for told in hostvars.values():
        told["ringfence_flows"] = [flow]
    found = divided(hostvars)
    assert "mail1" in found["others"]
    assert "gw1" in found["shared"]
    assert "mail1" in divided(hostvars, "globex")["shared"]


def test_hosts_of_a_site_that_works_for_others_are_not_shown(hostvars: dict[str, Any]) -> None:
    hostvars["mail1"].update(ringfence_site={"name": "elsewhere", "title": "Elsewhere"}, ringfence_clients={})
    assert "mail1" in divided(hostvars)["others"]


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ({"accounts_users": ["maria", "joao"]}, {"maria", "joao"}),
        ({"agents": [{"name": "maria", "shell": "/bin/sh"}]}, {"maria"}),
        ({"x": {"user": "maria", "port": "22"}}, {"maria"}),
        ({"users": {"maria": {"groups": ["a"]}}}, {"maria"}),
        ({"ports": ["maria"]}, set()),
    ],
)
def test_users_are_collected_where_keys_say_so(value: Any, people: set[str]) -> None:
    assert set(inventory.people_in(value)) == people
