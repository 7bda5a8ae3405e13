# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle that was changed is not exported; odd data does not break a format."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, chain, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import xml
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.xccdf import identifier
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle


def test_what_was_changed_after_sealing_is_refused(sealed: SealedBundle) -> None:
    path = Path(sealed.path, "hosts", "gw1.example.json")
    path.write_bytes(path.read_bytes().replace(b'"fail"', b'"pass"'))
    with pytest.raises(bundle.BundleError, match=r"not as it was sealed: hosts/gw1\.example\.json was changed"):
        sealed_bundle.read(sealed.path)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(bundle.BundleError, match="no sealed evidence bundle"):
        sealed_bundle.read(str(tmp_path))


def test_every_part_is_read_back(sealed: SealedBundle) -> None:
    def content(part: str) -> Any:
        return canonical.read(f"{sealed.path}/{part}.json")

    for part in ("run", "controls", "requirements", "claims", "exceptions", "attestations"):
        assert getattr(sealed, part) == content(part), part
    for part in ("ledger", "scope", "sample", "delta", "manifest", "site"):
        assert getattr(sealed, part) == content(part), part
    assert sealed.ledger["activities"]
    assert sealed.site is sealed.records[-1]
    assert sealed.signer is None


def test_a_bundle_of_before_lacks_what_only_later_ones_have(sealed: SealedBundle) -> None:
    assert sealed.segmentation == canonical.read(f"{sealed.path}/segmentation.json")
    assert sealed.rule_review == canonical.read(f"{sealed.path}/rule_review.json")
    for part in ("segmentation", "rule_review", "negative_control"):
        Path(sealed.path, f"{part}.json").unlink(missing_ok=True)
    Path(sealed.path, "diagrams").mkdir()
    Path(sealed.path, "diagrams", "sketch.svg").write_text("<svg/>")
    chain.write_manifest(sealed.path, sealed.name, None)
    before = sealed_bundle.read(sealed.path)
    assert (before.segmentation, before.rule_review, before.negative_control) == (None, None, None)
    assert (sealed.pictures, before.pictures) == ({}, {"sketch": "<svg/>"})
    assert before.manifest_sha256 != sealed.manifest_sha256


@given(st.text())
def test_any_text_survives_in_xml(text: str) -> None:
    root = ET.Element("root")
    xml.add(root, "child", text, class_=text)
    ET.fromstring(xml.document(root))  # noqa: S314  # our own document


@given(st.text(), st.text())
def test_ids_have_xccdf_s_characters_and_no_two_names_share_one(one: str, other: str) -> None:
    names = [text.encode("utf-8", errors="ignore").decode().replace("-", "") for text in (one, other)]
    made = [identifier("rule", name) for name in names]
    for each in made:
        ET.fromstring(f'<x id="{each}"/>')  # noqa: S314  # our own document
    assert (made[0] == made[1]) == (names[0] == names[1])
