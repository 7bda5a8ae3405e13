# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a pack: looked through byte by byte, whole or not there, and a bundle of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    bundle,
    canonical,
    chain,
    sealed_bundle,
    verify_bundle,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import records, selfcheck, words
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.parties import PackError, divide
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.withhold import Withholder
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import Pack, make
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import FORMATS
from tests.support.call_centre import CallCentre, part

Packer = Callable[..., Pack]


def below(folder: Path) -> list[str]:
    """The files of a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_broken_filter_is_found_out_and_nothing_is_left(
    packed: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Withholder, "names_others", lambda self, text: False)
    with pytest.raises(PackError, match="the pack was refused, and nothing of it is kept") as refused:
        packed("acme")
    said = str(refused.value)
    assert "hosts/ws-acme-1.json" in said
    assert "'globex'" in said
    assert "(client globex)" in said
    assert below(tmp_path) == []


@pytest.mark.parametrize("broken", ["own_record", "controls"])
def test_a_rule_that_was_forgotten_is_found_out(packed: Packer, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """As if somebody had changed one part of the filter alone."""
    forgotten: dict[str, Any] = {
        "own_record": lambda record, withholder: dict(record),
        "controls": lambda rows, site, withholder: [*rows, {**rows[0], "id": "door.of_globex", "title": "Of Globex"}],
    }
    monkeypatch.setattr(records, broken, forgotten[broken])
    with pytest.raises(PackError, match="globex"):
        packed("acme")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("note.txt", "for GLOBEX"),
        ("ws-globex-1.json", "{}"),
        ("ws%2Dglobex-1.json", "{}"),
        ("deep/er/note.json", '{"a": ["Travel with \\u0067lobex"]}'),
        ("note.json", '{"\\u0047lobex": 1}'),
        ("page.html", "<p>Glo&#98;ex</p>"),
        ("page.html", '<script type="application/json" id="data">["Globex Two \\u0026 Sons"]</script>'),
        ("picture.svg", "<svg><text>globex&#x2d;two</text></svg>"),
        ("note.txt", "10.78.2.200"),
        ("raw.bin", "\udcff globex"),
    ],
)
def test_every_byte_is_looked_at(
    centre: CallCentre, sealed: bundle.SealedFolder, packed: Packer, path: str, text: str
) -> None:
    pack = Path(packed("acme").path)
    read = sealed_bundle.read(sealed.path)
    matcher = words.matcher(read, centre.inventory(), divide(read.hosts, centre.inventory(), "acme"))
    assert selfcheck.leaks(str(pack), matcher) == []
    (pack / path).parent.mkdir(parents=True, exist_ok=True)
    (pack / path).write_bytes(text.encode(errors="surrogateescape"))
    found = selfcheck.leaks(str(pack), matcher)
    assert found
    assert all(one.startswith(path) for one in found)


def test_it_is_a_bundle_of_its_own(packed: Packer) -> None:
    pack = packed("acme")
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=pack.path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
    assert "for client acme from bundle" in done.stdout
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=pack.path, check=True, timeout=60)
    manifest = part(pack.path, "manifest.json")
    assert manifest["previous"] is None
    assert manifest["pack"] == {key: pack.about[key] for key in ("client", "bundle", "manifest_sha256")}
    with open(os.path.join(pack.path, "manifest.json"), "rb") as stream:
        assert canonical.sha256(stream.read()) == pack.manifest_sha256


@pytest.mark.parametrize("gone", [False, True])
def test_an_altered_or_missing_file_is_found(packed: Packer, gone: bool) -> None:
    pack = Path(packed("acme").path)
    path = pack / "hosts" / "ws-acme-1.json"
    if gone:
        path.unlink()
    else:
        path.write_text(path.read_text().replace('"fail"', '"pass"'))
    problems = verify_bundle.check(str(pack))[0]
    assert problems == [f"{pack.name}: hosts/ws-acme-1.json {'is missing' if gone else 'was changed'}"]


def test_packs_are_no_links_of_a_chain(centre: CallCentre, pci: Any, tmp_path: Path) -> None:
    """Neither several of one client side by side, nor one that somebody put among the bundles."""
    evidence = tmp_path / "evidence"
    for _time in range(2):
        sealed = centre.seal(evidence, pci)
        made = make(sealed.path, centre.inventory(), "acme")
    packs = evidence / "packs" / "acme"
    assert len(list(packs.iterdir())) == 2
    assert verify_bundle.check(str(packs))[0] == []
    assert verify_bundle.check(str(evidence))[0] == []
    shutil.copytree(made.path, evidence / "29991231T000000Z-ffffff")
    newest = chain.newest(str(evidence))
    assert newest is not None
    assert newest["run"] == os.path.basename(sealed.path)
    assert verify_bundle.check_chain(str(evidence)) == []
    (evidence / "29991231T000000Z-ffffff" / "run.json").write_text("{}")
    assert verify_bundle.check(str(evidence))[0] == ["29991231T000000Z-ffffff: run.json was changed"]


def test_the_same_again_changes_nothing(packed: Packer) -> None:
    first = packed("acme")
    assert first.changed
    before = {path: (Path(first.path) / path).stat().st_mtime_ns for path in below(Path(first.path))}
    again = packed("acme")
    assert not again.changed
    assert {path: (Path(first.path) / path).stat().st_mtime_ns for path in before} == before
    assert sorted(os.listdir(os.path.dirname(first.path))) == [os.path.basename(first.path)]


def test_what_was_handed_out_is_not_replaced(packed: Packer) -> None:
    first = Path(packed("acme").path)
    (first / "run.json").write_text("{}")
    with pytest.raises(PackError, match="is there already and differs"):
        packed("acme")
    assert (first / "run.json").read_text() == "{}"
    assert os.listdir(first.parent) == [first.name]


def test_a_dry_run_looks_and_leaves_nothing(packed: Packer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert packed("acme", dry=True).changed
    assert below(tmp_path) == []
    monkeypatch.setattr(Withholder, "names_others", lambda self, text: False)
    with pytest.raises(PackError, match="refused"):
        packed("acme", dry=True)


def test_a_pack_is_signed(packed: Packer, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    pack = packed("acme", key=str(key))
    signers = tmp_path / "signers"
    signers.write_text(f"ciso {Path(f'{key}.pub').read_text()}")
    problems, notes = verify_bundle.check(pack.path, str(signers))
    assert problems == []
    assert "signed by ciso with the key" in notes[0]
    with pytest.raises(PackError, match="differs"):
        packed("acme")


def test_a_key_that_cannot_sign_leaves_nothing(packed: Packer, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="there is no key"):
        packed("acme", key=str(tmp_path / "nonesuch"))
    assert below(tmp_path) == []


def test_an_altered_bundle_gives_no_pack(centre: CallCentre, sealed: bundle.SealedFolder, tmp_path: Path) -> None:
    copy = tmp_path / "evidence" / os.path.basename(sealed.path)
    shutil.copytree(sealed.path, copy)
    (copy / "hosts" / "ws-acme-1.json").write_text("{}")
    with pytest.raises(PackError, match="is not as it was sealed"):
        make(str(copy), centre.inventory(), "acme")
    assert os.listdir(tmp_path / "evidence") == [copy.name]


def test_a_pack_of_a_pack_is_refused(centre: CallCentre, packed: Packer) -> None:
    with pytest.raises(PackError, match="is a client's pack itself"):
        make(packed("acme").path, centre.inventory(), "acme")


def test_a_pack_can_be_exported(packed: Packer) -> None:
    """Whatever reads a bundle reads a pack."""
    read = sealed_bundle.read(packed("acme").path)
    for name in ("csv", "junit", "xccdf", "hdf"):
        for content in FORMATS[name](read).values():
            assert b"globex" not in content.lower()


def test_the_readers_of_the_report_are_told_first(packed: Packer) -> None:
    pack = packed("acme")
    page = (Path(pack.path) / "report.html").read_text()
    assert f"This is a pack for Acme Insurance (client acme), drawn from the bundle {pack.about['bundle']}." in page
    assert "It holds 2 hosts of this client in full, and 3 shared hosts by kind and status alone." in page
    assert "Texts that named somebody else read [withheld]: " in page
    assert json.dumps(pack.about["note"])[1:-1].split(", ")[0] in page
