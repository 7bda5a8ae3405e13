# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site model that loads, as text to change and as data to change."""

from __future__ import annotations

from typing import Any, Callable

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory, inventory_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import SiteModelError

SMALL = """\
---
plugin: ringfence.callcenter.site
site: {name: small, title: Small site}
segments:
  mgmt: {vlan: 99, subnets: [10.1.99.0/24, 'fd01:99::/64'], class: management}
  acme: {vlan: 10, subnets: [10.1.10.0/24, 'fd01:10::/64'], class: client}
  globex: {vlan: 20, subnets: [10.1.20.0/24, 'fd01:20::/64'], class: client}
  servers: {vlan: 30, subnets: [10.1.30.0/24, 'fd01:30::/64'], class: servers}
  cards: {vlan: 40, subnets: [10.1.40.0/24, 'fd01:40::/64'], class: card_data}
clients:
  acme: {title: Acme, segment: acme}
hosts:
  gw1:
    kind: gateway
    segment: mgmt
    address: 10.1.99.1
    address6: fd01:99::1
    interfaces:
      acme: [10.1.10.1, 'fd01:10::1']
      globex: [10.1.20.1, 'fd01:20::1']
      servers: [10.1.30.1, 'fd01:30::1']
      cards: [10.1.40.1, 'fd01:40::1']
    os: debian13
  adm1: {kind: workstation, segment: mgmt, address: 10.1.99.10, os: debian13}
  db1: {kind: database, segment: cards, address: 10.1.40.10, address6: 'fd01:40::10', os: debian12}
  mail1: {kind: [mail, web], segment: servers, address: 10.1.30.10, address6: 'fd01:30::10', os: debian12}
  log1: {kind: log_server, segment: servers, address: 10.1.30.20, os: debian12}
  ws1: {kind: workstation, segment: acme, address: 10.1.10.11, address6: 'fd01:10::11', os: debian12}
  ws2: {kind: workstation, segment: acme, address: 10.1.10.12, os: debian12, vars: {seat: 12}}
flows:
  - {name: agents-to-db, from: acme, to: db1, protocol: tcp, ports: [5432], reason: Work, owner: ops}
administration: {sources: [mgmt], reason: Upkeep, owner: it}
"""


@pytest.fixture
def small() -> dict[str, Any]:
    """The small model as data of its own, to be changed by the test."""
    data: dict[str, Any] = yaml.safe_load(SMALL)
    return data


def _derive(model: dict[str, Any] | str) -> Inventory:
    text = model if isinstance(model, str) else yaml.safe_dump(model, sort_keys=False)
    return inventory_of(load_site(text, "site.yml"))


def _refused(model: dict[str, Any] | str) -> list[str]:
    text = model if isinstance(model, str) else yaml.safe_dump(model, sort_keys=False)
    with pytest.raises(SiteModelError) as caught:
        load_site(text, "site.yml")
    return [problem.text("site.yml") for problem in caught.value.problems]


@pytest.fixture
def derive() -> Callable[[dict[str, Any] | str], Inventory]:
    """Loads a model and derives its inventory."""
    return _derive


@pytest.fixture
def refused() -> Callable[[dict[str, Any] | str], list[str]]:
    """Loads a model that must be refused and gives the problems as text."""
    return _refused


@pytest.fixture
def small_text() -> str:
    """The small model as text: lines count."""
    return SMALL
