# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue is complete and what is wrong with it is said."""

from __future__ import annotations

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog


def test_all_ids_and_claims_are_there(pci: catalog.Catalog) -> None:
    assert len(pci.requirement_ids) == 260
    assert len(pci.claim_ids) == 50
    assert {"1.2.1", "8.3.4", "A1.1.1"} <= pci.requirement_ids


def test_every_claim_names_known_requirements(pci: catalog.Catalog) -> None:
    assert {name for claim in pci.claims for name in claim["pci"]} <= pci.requirement_ids


def test_plain_data_and_back(pci: catalog.Catalog) -> None:
    assert catalog.from_data(pci.as_data()) == pci


def test_twice_the_same_id_is_refused(pci: catalog.Catalog) -> None:
    data = pci.as_data()
    data["claims"] = [*data["claims"], data["claims"][0]]
    with pytest.raises(catalog.CatalogError, match=r"claims: more than once: inbound-drop"):
        catalog.from_data(data)


@pytest.mark.parametrize(
    "broken", [{}, {"requirements": [], "claims": []}, {"requirements": [{"id": "1"}], "claims": []}]
)
def test_an_incomplete_catalogue_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(catalog.CatalogError):
        catalog.from_data(broken)
