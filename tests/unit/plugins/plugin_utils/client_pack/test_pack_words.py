# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What names somebody else is collected from everything that the inventory and the bundle say of the others."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import inventory, words
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.matcher import Matcher
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.parties import divide
from tests.support.call_centre import CallCentre


@pytest.fixture
def read(sealed: bundle.SealedFolder) -> sealed_bundle.SealedBundle:
    return sealed_bundle.read(sealed.path)


def matcher_of(read: sealed_bundle.SealedBundle, hostvars: dict[str, Any], client: str = "acme") -> Matcher:
    known = inventory.read(hostvars)
    return words.matcher(read, known, divide(read.hosts, known, client))


def test_users_of_others_hosts(centre: CallCentre, read: sealed_bundle.SealedBundle) -> None:
    hostvars = centre.hostvars()
    hostvars["ws-globex-1"]["desk_users"] = ["maria.silva", "joao"]
    hostvars["ws-acme-1"]["desk_users"] = ["joao"]
    records = [
        {**one, "findings": [{**one["findings"][0], "observed": {"accounts": [{"name": "svc-" + one["host"][3:]}]}}]}
        for one in read.records
        if one["host"].startswith("ws-")
    ]
    matcher = matcher_of(dataclasses.replace(read, records=[*records, read.site]), hostvars)
    assert matcher.found("seen: maria silva") == ["'maria.silva' (a user of others' hosts)"]
    assert matcher.found("joao and svc-acme-1") == []
    assert any("svc-globex-1" in hit for hit in matcher.found("svc-globex-1 logged in"))


@pytest.mark.parametrize(
    "text",
    [
        "Globex Travel",
        "TRAVEL of Globex",
        "shop.globex-web.example",
        "globex-web.example",
        "globex_data",
        "10.78.2.1",
        "10.78.3.250",
        "ws-globex-two-2",
    ],
)
def test_what_the_site_model_says_of_others(centre: CallCentre, read: sealed_bundle.SealedBundle, text: str) -> None:
    """The last one is the host that is gone since the bundle before."""
    matcher = matcher_of(read, centre.hostvars())
    assert matcher.found(text)
    assert matcher.weak == []


@pytest.mark.parametrize("text", ["weather.example", "gw1", "10.78.1.1", "10.77.40.10", "seg-acme", "kind_workstation"])
def test_what_both_have_is_nobodys(centre: CallCentre, read: sealed_bundle.SealedBundle, text: str) -> None:
    assert matcher_of(read, centre.hostvars()).found(text) == []


def test_an_address_that_all_machines_have_is_nobodys(centre: CallCentre, read: sealed_bundle.SealedBundle) -> None:
    hostvars = centre.hostvars()
    for told in hostvars.values():
        told["ansible_host"] = "127.0.0.1"
    hostvars["ws-globex-1"]["ansible_host"] = "192.0.2.7"
    matcher = matcher_of(read, hostvars)
    assert matcher.found("127.0.0.1") == []
    assert matcher.found("192.0.2.7") == ["192.0.2.7 (host ws-globex-1)"]


def test_another_site_of_the_inventory(centre: CallCentre, read: sealed_bundle.SealedBundle) -> None:
    hostvars = centre.hostvars()
    for host in ("ws-globex-1", "ws-globex-2"):
        hostvars[host].update(ringfence_site={"name": "porto-two", "title": "Oporto office"}, ringfence_clients={})
    matcher = matcher_of(read, hostvars)
    assert matcher.found("moved to PORTO TWO")
    assert matcher.found("the Oporto office")


def test_what_everybody_can_read_has_no_name_in_it() -> None:
    """No client of an example stands in the texts that a pack is made of, or it could not be searched for."""
    assert "globex" not in words.public_text().lower()
    assert "acme" not in words.public_text().lower()
    assert len(words.public_text()) > 100_000
