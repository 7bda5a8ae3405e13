# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle is whole or absent, chained, and every changed byte is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, catalog, chain, contents

SITE = {"name": "demo", "title": "Demo"}


def material_of(pci: catalog.Catalog, site: dict[str, Any]) -> contents.Material:
    return contents.Material(
        catalog=pci,
        about={"collection": {"name": "ringfence.callcenter", "version": "0", "commit": None}, "python": "3"},
        **site,
    )


def sealed_in(directory: Path, pci: catalog.Catalog, site: dict[str, Any]) -> bundle.SealedFolder:
    partial = bundle.open_run(str(directory), SITE)
    return bundle.seal(partial, material_of(pci, site))


def full_disk(*_arguments: Any) -> None:
    """Stands for whatever writes when nothing can be written."""
    raise OSError(28, "No space left on device")


def manifest_of(path: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(path, "manifest.json").read_text())
    return data


def test_a_sealed_bundle_holds_everything_under_its_final_name(tmp_path: Path, pci: Any, site: Any) -> None:
    made = sealed_in(tmp_path / "evidence", pci, site)
    names = sorted(path.relative_to(made.path).as_posix() for path in Path(made.path).rglob("*") if path.is_file())
    assert names == [
        "SHA256SUMS",
        "attestations.json",
        "claims.json",
        "controls.json",
        "delta.json",
        "exceptions.json",
        "hosts/db1.json",
        "hosts/gw1.json",
        "ledger.json",
        "manifest.json",
        "negative_control.json",
        "report.html",
        "requirements.json",
        "rule_review.json",
        "run.json",
        "sample.json",
        "scope.json",
        "segmentation.json",
        "site.json",
        "verify.py",
    ]
    assert os.readlink(tmp_path / "evidence" / "latest") == os.path.basename(made.path)
    run = json.loads(Path(made.path, "run.json").read_text())
    assert run["population"] == {"hosts": 2, "observed": 1, "not_observed": [{"host": "db1", "reason": "unreachable"}]}
    assert run["counts"]["pass"] == 4  # three of the host, one that the audit recurs
    assert run["counts"]["not_observed"] == 1
    assert run["run"] == os.path.basename(made.path)
    assert not list((tmp_path / "evidence").glob("*.partial"))


def test_json_is_canonical(tmp_path: Path, pci: Any, site: Any) -> None:
    made = sealed_in(tmp_path, pci, site)
    for path in Path(made.path).rglob("*.json"):
        assert path.read_bytes() == canonical.dumps(json.loads(path.read_text(encoding="utf-8")))


def test_sha256sum_agrees(tmp_path: Path, pci: Any, site: Any) -> None:
    made = sealed_in(tmp_path, pci, site)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=made.path, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 19


def test_bundles_are_chained_in_the_order_of_sealing(tmp_path: Path, pci: Any, site: Any) -> None:
    first_begun = bundle.open_run(str(tmp_path), SITE)
    one = sealed_in(tmp_path, pci, site)
    two = bundle.seal(first_begun, material_of(pci, site))
    three = sealed_in(tmp_path, pci, site)
    links = [manifest_of(made.path) for made in (one, two, three)]
    assert [link["sequence"] for link in links] == [1, 2, 3]
    assert [link["previous"] for link in links] == [None, one.manifest_sha256, two.manifest_sha256]
    assert links[2]["previous_run"] == two.run["run"]


def test_two_audits_at_once_make_one_chain(tmp_path: Path, pci: Any, site: Any) -> None:
    made: list[bundle.SealedFolder] = []
    threads = [threading.Thread(target=lambda: made.append(sealed_in(tmp_path, pci, site))) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    links = sorted((manifest_of(one.path) for one in made), key=lambda link: int(link["sequence"]))
    assert [link["sequence"] for link in links] == [1, 2, 3, 4]
    assert [link["previous_run"] for link in links] == [None, *(link["run"] for link in links[:-1])]


@pytest.mark.parametrize("name", ["run.json", "hosts/gw1.json", "report.html", "controls.json"])
def test_every_changed_removed_or_added_file_is_found(tmp_path: Path, pci: Any, site: Any, name: str) -> None:
    made = sealed_in(tmp_path, pci, site)
    assert chain.verify(made.path) == []
    path = Path(made.path, name)
    data = path.read_bytes()
    path.write_bytes(data[:-2] + b"x" + data[-1:])
    assert chain.verify(made.path) == [f"{name} was changed"]
    path.unlink()
    assert chain.verify(made.path) == [f"{name} is missing"]
    path.write_bytes(data)
    Path(made.path, "more").write_text("x")
    assert chain.verify(made.path) == ["more was added"]


def test_a_bundle_without_a_manifest_is_not_one(tmp_path: Path) -> None:
    assert "manifest.json cannot be read" in chain.verify(str(tmp_path))[0]


def test_a_death_in_the_middle_leaves_only_a_partial_folder(
    tmp_path: Path, pci: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sealed_in(tmp_path, pci, site)
    steps = [(chain, "write_manifest"), (canonical, "sync_directory"), (os, "rename")]
    for module, name in steps:
        with monkeypatch.context() as patched:
            patched.setattr(module, name, full_disk)
            with pytest.raises(bundle.BundleError, match="No space left"):
                sealed_in(tmp_path, pci, site)
        assert chain.sealed(str(tmp_path)) == [first.run["run"]]
    after = sealed_in(tmp_path, pci, site)
    assert manifest_of(after.path)["previous"] == first.manifest_sha256


def test_a_lost_link_to_the_latest_does_not_fork_the_chain(tmp_path: Path, pci: Any, site: Any) -> None:
    sealed_in(tmp_path, pci, site)
    two = sealed_in(tmp_path, pci, site)
    (tmp_path / "latest").unlink()
    assert manifest_of(sealed_in(tmp_path, pci, site).path)["previous"] == two.manifest_sha256


def test_old_leftovers_are_swept_and_running_audits_are_not(tmp_path: Path) -> None:
    old, new = bundle.open_run(str(tmp_path), SITE), bundle.open_run(str(tmp_path), SITE)
    past = time.time() - bundle.STALE_AFTER - 60
    for path in (old, os.path.join(old, "hosts")):
        os.utime(path, (past, past))
    again = bundle.open_run(str(tmp_path), SITE)
    assert not os.path.exists(old)
    assert os.path.isdir(new)
    assert os.path.isdir(again)


def test_strays_of_killed_writers_do_not_get_into_the_bundle(tmp_path: Path, pci: Any, site: Any) -> None:
    partial = bundle.open_run(str(tmp_path), SITE)
    Path(partial, "hosts", "gw1.json.123.tmp").write_text("half")
    Path(partial, "hosts", "gw1.json").write_text("broken")
    made = bundle.seal(partial, material_of(pci, site))
    assert sorted(os.listdir(Path(made.path, "hosts"))) == ["db1.json", "gw1.json"]
    assert bundle.read_record(made.path, "gw1") == site["records"][0]


def test_records_are_read_back_or_refused(tmp_path: Path, site: Any) -> None:
    partial = bundle.open_run(str(tmp_path), SITE)
    assert bundle.read_record(partial, "gw1") is None
    path = bundle.write_record(partial, site["records"][0])
    assert bundle.read_record(partial, "gw1") == site["records"][0]
    shutil.copy(path, Path(partial, "hosts", "other.json"))
    with pytest.raises(ValueError, match="no record of other"):
        bundle.read_record(partial, "other")


@pytest.mark.parametrize("name", ["nothing.partial", "renamed.partial", "sealed"])
def test_only_a_begun_bundle_is_sealed(tmp_path: Path, pci: Any, site: Any, name: str) -> None:
    partial = bundle.open_run(str(tmp_path), SITE)
    if name != "nothing.partial":
        os.rename(partial, tmp_path / name)
    with pytest.raises(bundle.BundleError, match="no bundle that was begun"):
        bundle.seal(str(tmp_path / name), material_of(pci, site))


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(bundle.BundleError, match="no evidence bundle can be begun in"):
        bundle.open_run(str(tmp_path / "file" / "evidence"), SITE)


def test_evidence_is_not_for_everybody(tmp_path: Path, pci: Any, site: Any) -> None:
    made = sealed_in(tmp_path / "evidence", pci, site)
    for path in [tmp_path / "evidence", Path(made.path), *Path(made.path).rglob("*")]:
        assert path.stat().st_mode & 0o007 == 0
