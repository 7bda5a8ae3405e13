# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that YAML reads as others than people mean are refused wherever this collection reads what people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import reading
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import numbers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import SiteModelError

EXAMPLE = Path(__file__).resolve().parents[5] / "inventories" / "example" / "site.yml"


@pytest.mark.parametrize("text", ["0", "7", "-12", "+3", "4094"])
def test_plain_decimals_are_as_they_look(text: str) -> None:
    assert numbers.ambiguous(text) is None


@pytest.mark.parametrize(
    ("text", "read", "meant"),
    [
        ("010", "8", "write 10"),
        ("0100", "64", "write 100"),
        ("-010", "-8", "write 10"),
        ("00", "0", "decimal digits"),
        ("0x10", "16", "decimal digits"),
        ("0b11", "3", "decimal digits"),
        ("1_000", "1000", "write 1000"),
        ("1:30", "90", "decimal digits"),
    ],
)
def test_others_are_told_with_what_yaml_reads(text: str, read: str, meant: str) -> None:
    message = numbers.ambiguous(text)
    assert message is not None
    assert f"YAML reads {text} as the number {read}; " in message
    assert meant in message
    assert f"'{text}' in quotes" in message


@pytest.mark.parametrize("written", ["010", "0x10", "1_0", "0b1010"])
def test_a_site_model_with_such_a_number_is_refused_with_its_line(written: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "vlan: 10")
    with pytest.raises(SiteModelError, match=rf"site.yml:{line}: YAML reads {written} as the number"):
        load_site(text.replace("vlan: 10\n", f"vlan: {written}\n"), "site.yml")


def test_yaml_1_2_octals_and_base_60_are_no_numbers_and_refused_where_one_is_needed() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for written in ("0o10", "1:30"):
        with pytest.raises(SiteModelError, match=r"segments\.acme\.vlan: "):
            load_site(text.replace("vlan: 10\n", f"vlan: {written}\n"), "site.yml")


def test_a_key_and_free_variables_count_too() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("\nvars:", "\nunused:")
    with pytest.raises(SiteModelError, match="YAML reads 0100 as the number 64"):
        load_site(text + "vars: {antivirus_keep: 0100}\n", "site.yml")
    with pytest.raises(SiteModelError, match="YAML reads 017 as the number 15"):
        load_site(text + "vars: {017: x}\n", "site.yml")
    quoted = EXAMPLE.read_text(encoding="utf-8").replace("Acme Insurance", "'010'")
    assert load_site(quoted, "site.yml").clients["acme"].title == "010"


def test_a_register_with_such_a_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "attestations.yml").write_text("attestations: {}\nother: 010\n")
    with pytest.raises(reading.RegistersError, match=r"attestations\.yml:2: YAML reads 010 as the number 8"):
        reading.read(str(tmp_path))


def test_variables_of_the_collection_beside_a_model_are_looked_at_and_others_not(tmp_path: Path) -> None:
    folder = tmp_path / "group_vars" / "all"
    folder.mkdir(parents=True)
    (folder / "other.yml").write_text("file_mode: 0644\nfirewall: 010\nsecret: !vault |\n  $ANSIBLE_VAULT;1.1\n")
    (folder / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3030\n")
    (folder / "broken.yml").write_text("firewall_x: [010\n")
    (folder / "notes.txt").write_text("firewall_x: 010\n")
    numbers.in_variables(str(tmp_path), ["firewall_", "audit_"])
    (tmp_path / "host_vars").mkdir()
    file = tmp_path / "host_vars" / "gw1.yml"
    file.write_text("firewall_rules:\n  - name: x\n    ports: [022, '010']\naudit_periods: &p {a: 0x1}\naudit_b: *p\n")
    with pytest.raises(SiteModelError) as refused:
        numbers.in_variables(str(tmp_path), ["firewall_", "audit_"])
    found = [problem.text("gw1.yml") for problem in refused.value.problems]
    assert [text.split(";")[0] for text in found[:2]] == [
        "gw1.yml:3: firewall_rules: YAML reads 022 as the number 18",
        "gw1.yml:4: audit_periods: YAML reads 0x1 as the number 1",
    ]
    assert refused.value.file == str(file)
