# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site as the test's planner gets it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SiteView, read_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import inventory_of

SMALL = """\
plugin: ringfence.callcenter.site
site: {name: small, title: Small site}
segments:
  mgmt: {vlan: 99, subnets: [10.1.99.0/24, 'fd01:99::/64'], class: management}
  acme: {vlan: 10, subnets: [10.1.10.0/24, 'fd01:10::/64'], class: client}
  cards: {vlan: 40, subnets: [10.1.40.0/24, 'fd01:40::/64'], class: card_data}
clients:
  acme: {title: Acme, segment: acme, sites_allowed: [shop.example]}
hosts:
  gw1:
    kind: gateway
    segment: mgmt
    address: 10.1.99.1
    address6: fd01:99::1
    interfaces:
      acme: [10.1.10.1, 'fd01:10::1']
      cards: [10.1.40.1, 'fd01:40::1']
    os: debian13
  db1: {kind: database, segment: cards, address: 10.1.40.10, address6: 'fd01:40::10', os: debian12}
  ws1: {kind: workstation, segment: acme, address: 10.1.10.11, address6: 'fd01:10::11', os: debian12}
  ws2: {kind: workstation, segment: acme, address: 10.1.10.12, os: debian12}
  ws3: {kind: workstation, segment: acme, address: 10.1.10.13, os: debian12}
flows:
  - {name: agents-to-db, from: acme, to: db1, protocol: tcp, ports: [5432, '7000-7010'], reason: r, owner: o}
  - {name: ping, from: mgmt, to: [gw1, acme], protocol: icmp, reason: r, owner: o}
administration: {sources: [mgmt], reason: r, owner: it}
"""


def view(model: dict[str, Any]) -> SiteView:
    """What the inventory gives of a model, read as the test reads it."""
    inventory = inventory_of(load_site(yaml.safe_dump(model, sort_keys=False), "site.yml"))
    return read_site({host: {**inventory.site_variables, **own} for host, own in inventory.host_variables.items()})


@pytest.fixture
def model() -> dict[str, Any]:
    """The small model as data, to be changed."""
    data: dict[str, Any] = yaml.safe_load(SMALL)
    return data


@pytest.fixture
def site(model: dict[str, Any]) -> SiteView:
    """The small site."""
    return view(model)
