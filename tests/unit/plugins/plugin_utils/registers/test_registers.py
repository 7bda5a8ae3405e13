# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what the right person signed, about something that there is, counts, and only until it expires."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, catalog, contents, signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import entries, judging, reading, signed

DAY = "2026-11-26"
HEADER = {"run": "r", "site": {"name": "demo", "title": "Demo"}, "started_at": f"{DAY}T10:00:00Z"}
KNOWN = judging.RegisterScope(
    controls={"door.closed"},
    checks={"door.closed.now"},
    hosts={"gw1", "db1"},
    claims={"paper-shredded"},
    requirements={"9.4.6"},
)
EXCEPTION = """exceptions:
  EX-1:
    control: door.closed
    hosts: gw1
    owner: Head of the house
    reason: The lock is being replaced
    compensating_measure: A guard stands there
    evidence: evidence/order.txt
    sha256: {digest}
    made_on: 2026-11-01
    expires: 2026-12-31
    signed_by: jane@example.com
"""
ATTESTATION = """attestations:
  AT-1:
    claims: paper-shredded
    requirements: ['9.4.6']
    statement: All paper of October was shredded
    owner: Head of the house
    evidence: evidence/order.txt
    sha256: {digest}
    made_on: 2026-11-01
    expires: 2027-10-31
    signed_by: jane@example.com
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key of Jane's and one of somebody else."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("jane", "mallory"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    return {name: folder / name for name in ("jane", "mallory")}


@pytest.fixture
def folder(tmp_path: Path, keys: dict[str, Path]) -> Path:
    """Registers with one entry each, not signed yet."""
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "order.txt").write_text("ordered\n")
    digest = canonical.sha256(b"ordered\n")
    (tmp_path / "exceptions.yml").write_text(EXCEPTION.format(digest=digest))
    (tmp_path / "attestations.yml").write_text(ATTESTATION.format(digest=digest))
    public = keys["jane"].with_suffix(".pub").read_text()
    (tmp_path / "signers").write_text(f"jane@example.com {public}")
    return tmp_path


def sign_all(folder: Path, key: Path) -> entries.Registers:
    registers = reading.read(str(folder))
    for entry in registers.entries:
        signed.sign(registers, entry, str(key))
    return registers


def states(folder: Path, day: str = DAY, known: judging.RegisterScope = KNOWN) -> dict[str, str]:
    return {one.entry.id: one.state for one in judging.judge(reading.read(str(folder)), known, day)}


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def test_a_site_without_registers_has_none(tmp_path: Path) -> None:
    assert reading.read(str(tmp_path / "nothing")).entries == ()
    assert reading.read(str(tmp_path)).entries == ()


def test_signed_entries_are_in_force_until_they_expire(folder: Path, keys: dict[str, Path]) -> None:
    sign_all(folder, keys["jane"])
    assert states(folder) == {"EX-1": "in_force", "AT-1": "in_force"}
    assert states(folder, "2026-12-31")["EX-1"] == "in_force"
    assert states(folder, "2027-01-01") == {"EX-1": "expired", "AT-1": "in_force"}
    assert states(folder, "2026-10-31") == {"EX-1": "not_yet", "AT-1": "not_yet"}


def test_unsigned_entries_do_not_count(folder: Path) -> None:
    assert states(folder) == {"EX-1": "unsigned", "AT-1": "unsigned"}


@pytest.mark.parametrize(
    ("old", "new"),
    [("2026-12-31", "2036-12-31"), ("hosts: gw1", "hosts: all"), ("A guard", "No guard"), ("EX-1:", "EX-2:")],
)
def test_what_is_changed_after_signing_does_not_count(folder: Path, keys: dict[str, Path], old: str, new: str) -> None:
    sign_all(folder, keys["jane"])
    edit(folder, "exceptions.yml", old, new)
    if new == "EX-2:":
        (folder / "signatures/exception/EX-1.sig").rename(folder / "signatures/exception/EX-2.sig")
    assert set(states(folder).values()) == {"wrongly_signed", "in_force"}


def test_a_signature_of_another_entry_person_or_purpose_does_not_count(folder: Path, keys: dict[str, Path]) -> None:
    registers = sign_all(folder, keys["jane"])
    exception, attestation = registers.entries
    good = Path(exception.signature_path).read_bytes()
    for wrong in (
        Path(attestation.signature_path).read_bytes(),
        signing.sign(exception.content, str(keys["mallory"]), signing.REGISTER_NAMESPACE),
        signing.sign(exception.content, str(keys["jane"]), signing.MANIFEST_NAMESPACE),
        b"",
        good[:-40],
    ):
        Path(exception.signature_path).write_bytes(wrong)
        assert states(folder)["EX-1"] == "wrongly_signed"
    Path(exception.signature_path).write_bytes(good)
    (folder / "signers").unlink()
    assert states(folder) == {"EX-1": "wrongly_signed", "AT-1": "wrongly_signed"}


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (
            judging.RegisterScope(hosts={"gw1"}, controls={"door.close"}),
            "no control door.closed. Did you mean door.close?",
        ),
        (judging.RegisterScope(hosts={"gw2"}, controls={"door.closed"}), "there is no host gw1. Did you mean gw2?"),
    ],
)
def test_what_names_nothing_is_unknown(
    folder: Path, keys: dict[str, Path], known: judging.RegisterScope, said: str
) -> None:
    judged = judging.judge(sign_all(folder, keys["jane"]), known, DAY)
    assert [one.state for one in judged] == ["unknown", "unknown"]
    assert said in str(judged[0].reason)
    assert "there is no claim paper-shredded" in str(judged[1].reason)


def test_the_evidence_file_must_be_the_one_that_was_signed(folder: Path, keys: dict[str, Path]) -> None:
    sign_all(folder, keys["jane"])
    (folder / "evidence" / "order.txt").write_text("cancelled\n")
    assert states(folder) == {"EX-1": "evidence_changed", "AT-1": "evidence_changed"}
    (folder / "evidence" / "order.txt").unlink()
    assert states(folder) == {"EX-1": "evidence_missing", "AT-1": "evidence_missing"}


def test_all_that_is_wrong_with_both_files_is_said_at_once(folder: Path) -> None:
    edit(folder, "exceptions.yml", "    owner: Head of the house\n", "    ownr: Head of the house\n")
    edit(folder, "exceptions.yml", "2026-12-31", "2026-10-01")
    edit(folder, "exceptions.yml", "evidence/order.txt", "../order.txt")
    edit(folder, "attestations.yml", "    claims: paper-shredded\n    requirements: ['9.4.6']\n", "")
    edit(folder, "attestations.yml", canonical.sha256(b"ordered\n"), "abc")
    with pytest.raises(reading.RegistersError) as caught:
        reading.read(str(folder))
    text = str(caught.value)
    assert f"{folder}/exceptions.yml:5: exceptions.EX-1.ownr: unknown key." in text
    assert "Did you mean owner?" in text
    assert "exceptions.EX-1.owner: this key is missing" in text
    assert f"{folder}/exceptions.yml:11: exceptions.EX-1.expires: expected a day after made_on (2026-11-01)" in text
    assert "exceptions.EX-1.evidence: expected a path inside the folder" in text
    assert "attestations.AT-1: at least one of claims, requirements and activities is expected" in text
    assert "attestations.AT-1.sha256: expected a SHA-256 in 64 small hexadecimal digits" in text


def test_an_id_belongs_to_one_entry(folder: Path) -> None:
    edit(folder, "attestations.yml", "AT-1", "EX-1")
    with pytest.raises(reading.RegistersError, match="the id EX-1 is in both registers"):
        reading.read(str(folder))


@pytest.mark.parametrize("text", ["[", "exceptions: []", "other: {}", "exceptions: {EX-1: null}", ""])
def test_a_file_that_is_no_register_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "exceptions.yml").write_text(text)
    with pytest.raises(reading.RegistersError, match=r"exceptions\.yml"):
        reading.read(str(tmp_path))


def test_nothing_is_signed_that_would_not_count(folder: Path, keys: dict[str, Path]) -> None:
    registers = reading.read(str(folder))
    entry = signed.find(registers, "EX-1")
    with pytest.raises(signing.SigningError, match=r"exceptions.yml:2: signed_by: .* is no key of jane@example.com"):
        signed.sign(registers, entry, str(keys["mallory"]))
    with pytest.raises(signing.SigningError, match="there is no key /nonesuch"):
        signed.sign(registers, entry, "/nonesuch")
    (folder / "evidence" / "order.txt").write_text("x")
    with pytest.raises(signing.SigningError, match=r"sha256: evidence/order\.txt has"):
        signed.sign(registers, entry, str(keys["jane"]))
    with pytest.raises(signing.SigningError, match=r"there is no entry EX-11.* Valid: EX-1, AT-1\. Did you mean EX-1"):
        signed.find(registers, "EX-11")
    assert not (folder / "signatures").exists()


def test_a_key_with_a_passphrase_is_refused_and_not_waited_for(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key)], check=True)
    with pytest.raises(signing.SigningError, match="with a passphrase must be in the agent"):
        signing.sign(b"x", str(key), signing.REGISTER_NAMESPACE)


def assembled(pci: catalog.Catalog, sample: Any, folder: Path, *records: dict[str, Any], day: str = DAY) -> Any:
    material = sample.material(
        pci, {"records": records, "controls": sample.controls}, registers=reading.read(str(folder))
    )
    return contents.assemble(material, HEADER, f"{day}T10:00:05Z")


def test_an_exception_accepts_what_it_names_and_nothing_else(
    folder: Path, keys: dict[str, Path], pci: catalog.Catalog, sample: Any
) -> None:
    sign_all(folder, keys["jane"])
    bad = {"door.closed.bolt": "fail", "door.closed.now": "error", "door.watched.log": "fail"}
    made = assembled(pci, sample, folder, sample.record("gw1", bad), sample.record("db1", bad))
    statuses = [{one["check"]: one["status"] for one in record["findings"]} for record in made.records]
    assert statuses == [{**bad, "door.closed.bolt": "excepted"}, bad]
    accepted = made.records[0]["findings"][0]
    assert accepted["exception"] == "EX-1"
    assert accepted["reason"] == "accepted until 2026-12-31 by exception EX-1 of Head of the house: it is fail"
    assert made.parts["exceptions"][0]["accepted_findings"] == 1
    assert made.parts["run"]["counts"]["excepted"] == 1
    assert made.parts["run"]["counts"]["fail"] == 3
    rows = {row["id"]: row["evidence"] for row in made.parts["requirements"]}
    assert rows["1.2.1"] == "does_not_support"


def test_an_entry_that_does_not_count_is_red_by_itself(
    folder: Path, keys: dict[str, Path], pci: catalog.Catalog, sample: Any
) -> None:
    sign_all(folder, keys["jane"])
    bad = sample.record("gw1", {**sample.good, "door.closed.bolt": "fail"})
    made = assembled(pci, sample, folder, bad, sample.record("db1", sample.good), day="2027-01-01")
    assert made.records[0]["findings"][0]["status"] == "fail"
    found = {one["check"]: one for one in made.site["findings"]}
    assert found["evidence.exceptions.EX-1"]["status"] == "fail"
    assert found["evidence.exceptions.EX-1"]["reason"] == "it expired on 2026-12-31"
    assert found["evidence.exceptions.EX-1"]["source"] == f"{folder.name}/exceptions.yml:2"
    assert found["evidence.attestations.AT-1"]["status"] == "pass"
    assert made.parts["run"]["counts"]["fail"] == 2


def test_attested_expired_and_not_covered(
    folder: Path, keys: dict[str, Path], pci: catalog.Catalog, sample: Any
) -> None:
    hosts = [sample.record("gw1", sample.good), sample.record("db1", sample.good)]

    def words(day: str) -> list[str]:
        made = assembled(pci, sample, folder, *hosts, day=day)
        rows = {row["id"]: row for part in ("requirements", "claims") for row in made.parts[part]}
        return [rows[name]["evidence"] for name in ("paper-shredded", "9.4.6", "physical-access")]

    assert words(DAY) == ["not_covered"] * 3
    sign_all(folder, keys["jane"])
    assert words(DAY) == ["attested", "attested", "not_covered"]
    assert words("2027-11-01") == ["expired", "expired", "not_covered"]
    edit(folder, "attestations.yml", "All paper", "No paper")
    assert words(DAY) == ["not_covered"] * 3
