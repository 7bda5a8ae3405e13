# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue is complete and what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog


def test_all_ids_and_claims_are_there(pci: catalog.Catalog) -> None:
    assert len(pci.requirement_ids) == 260
    assert len(pci.claim_ids) == 50
    assert {"1.2.1", "8.3.4", "A1.1.1"} <= pci.requirement_ids


def test_every_claim_names_known_requirements(pci: catalog.Catalog) -> None:
    assert {name for claim in pci.claims for name in claim["pci"]} <= pci.requirement_ids


def test_a_proof_is_one_text_of_what_its_parts_show(pci: catalog.Catalog) -> None:
    proofs = {claim["id"]: claim.get("proof") for claim in pci.claims}
    assert proofs["audited"] == (
        "the ledger shows every scheduled audit that ran; the ledger shows every scheduled audit that was missed"
    )
    assert proofs["paper-shredded"] is None
    data = pci.as_data()
    data["claims"][0] = {**data["claims"][0], "proof": [{"id": "silent"}]}
    with pytest.raises(catalog.CatalogError, match="each part of a proof needs what it shows"):
        catalog.from_data(data)


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


#: How many safeguards each of the CIS Controls v8 has, 153 in all.
SAFEGUARDS = (5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5)
#: The highest number of a control in each family of NIST SP 800-53 r5.
FAMILIES = {
    "AC": 25, "AT": 6, "AU": 16, "CA": 9, "CM": 14, "CP": 13, "IA": 12, "IR": 9, "MA": 7, "MP": 8,
    "PE": 23, "PL": 11, "PM": 32, "PS": 9, "PT": 8, "RA": 10, "SA": 23, "SC": 51, "SI": 23, "SR": 12,
}  # fmt: skip
#: Controls of those families that revision 5 has withdrawn.
WITHDRAWN = {
    "AC-13", "AC-15", "AT-5", "AU-15", "CA-4", "CP-5", "PE-7", "PL-3", "PL-5", "PL-6", "RA-4", "SA-6", "SA-7",
    "SA-12", "SA-13", "SA-14", "SA-18", "SA-19", "SC-9", "SC-14", "SC-19", "SC-33", "SI-9"
}  # fmt: skip


def test_the_crosswalk_names_ids_that_there_are(pci: catalog.Catalog) -> None:
    assert sum(SAFEGUARDS) == 153
    rows = [row for row in pci.requirements if "cis_v8" in row or "nist_800_53_r5" in row]
    assert len(rows) > 90
    for row in rows:
        for name in row.get("cis_v8", []):
            control, number = (int(part) for part in str(name).split("."))
            assert 1 <= number <= SAFEGUARDS[control - 1], name
            assert isinstance(name, str), f"{name} in quotes, or 7.10 becomes 7.1"
        for name in row.get("nist_800_53_r5", []):
            family, number = str(name).split("-")
            assert 1 <= int(number) <= FAMILIES[family], name
            assert name not in WITHDRAWN, name


def test_the_crosswalk_names_requirements_that_there_are(tmp_path: Path) -> None:
    for path in Path(catalog.CATALOG_DIRECTORY).glob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text())
    with (tmp_path / "crosswalk.yml").open("a") as stream:
        stream.write("  '1.9.9': {cis: ['1.1']}\n")
    with pytest.raises(catalog.CatalogError, match=r"crosswalk: unknown: 1\.9\.9, cis"):
        catalog.load(str(tmp_path))
