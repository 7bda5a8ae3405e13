# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is done to a sealed bundle or to the chain, the verifier sees it, with nothing but Python."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, chain, signing, verify_bundle

SITE = {"name": "demo", "title": "Demo"}
ANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def signers(key: Path) -> Path:
    path = key.with_name("signers")
    path.write_text(f"auditor@example.com {key.with_suffix('.pub').read_text()}")
    return path


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, pci: Any, sample: Any, key: Path) -> Path:
    """An evidence folder with four signed bundles."""
    folder = tmp_path_factory.mktemp("site") / "evidence"
    for number in range(4):
        site = {"records": [sample.record(f"host{number}", sample.good)], "controls": sample.controls}
        material = sample.material(pci, site, signing_key=str(key))
        bundle.seal(bundle.open_run(str(folder), SITE), material)
    return folder


@pytest.fixture
def folder(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it to break."""
    return Path(shutil.copytree(sealed, tmp_path / "evidence", symlinks=True))


def order(folder: Path) -> list[Path]:
    """The bundles in the order in which they were sealed."""
    paths = [folder / name for name in verify_bundle.bundles(str(folder))]
    return sorted(paths, key=lambda path: int(verify_bundle.load(str(path))["sequence"]))


def run(path: Path, *arguments: str, program: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The verifier as an auditor runs it: alone, in a Python without anything else."""
    script = program or Path(verify_bundle.__file__)
    argv = [sys.executable, "-I", "-S", str(script), str(path), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")


def files_of(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file())


def test_what_nobody_touched_is_as_it_was_sealed(folder: Path, signers: Path) -> None:
    done = run(folder, "--signers", str(signers))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("as it was sealed, signed by auditor@example.com with the key SHA256:") == 4
    assert "4 bundles in the chain; newest: " in done.stdout
    newest = order(folder)[-1]
    assert chain.verify(str(newest)) == []
    done = run(newest, program=newest / "verify.py")
    assert done.returncode == 0
    assert "whose it is can be told with --signers" in done.stdout


@ANY
@given(data=st.data())
def test_any_flipped_byte_is_found(sealed: Path, data: st.DataObject) -> None:
    made = order(sealed)[1]
    path = data.draw(st.sampled_from(files_of(made)))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    flip = data.draw(st.integers(1, 255))
    path.write_bytes(content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :])
    try:
        problems, _notes = verify_bundle.check(str(made))
    finally:
        path.write_bytes(content)
    assert problems


@ANY
@given(data=st.data())
def test_any_cut_or_longer_file_is_found(sealed: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(files_of(order(sealed)[2])))
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content) - 1))
    path.write_bytes(data.draw(st.sampled_from([content[:cut], content + b"\n", content + content[:cut] + b" "])))
    try:
        problems, _notes = verify_bundle.check(str(sealed))
    finally:
        path.write_bytes(content)
    assert problems


def test_any_removed_file_is_found(folder: Path) -> None:
    made = order(folder)[0]
    for path in files_of(made):
        content = path.read_bytes()
        path.unlink()
        done = run(folder)
        path.write_bytes(content)
        assert done.returncode == 1, path
    assert run(folder).returncode == 0


def test_what_was_added_is_found(folder: Path) -> None:
    made = order(folder)[0]
    (made / "hosts" / "more.json").write_text("{}")
    (made / "empty").mkdir()
    (made / "elsewhere").symlink_to("/etc")
    assert verify_bundle.check_bundle(str(made)) == [
        "hosts/more.json was added",
        "elsewhere is neither a file nor a folder with files",
        "empty is neither a file nor a folder with files",
    ]


def test_a_link_to_the_same_content_is_no_file(folder: Path, tmp_path: Path) -> None:
    path = order(folder)[0] / "run.json"
    shutil.move(path, tmp_path / "run.json")
    path.symlink_to(tmp_path / "run.json")
    assert "run.json is missing" in verify_bundle.check_bundle(str(path.parent))


def test_two_files_that_changed_places_are_found(folder: Path) -> None:
    made = order(folder)[0]
    one, other = (made / "claims.json").read_bytes(), (made / "controls.json").read_bytes()
    (made / "claims.json").write_bytes(other)
    (made / "controls.json").write_bytes(one)
    assert verify_bundle.check_bundle(str(made)) == ["claims.json was changed", "controls.json was changed"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_removed_bundle_is_found(folder: Path, number: int) -> None:
    shutil.rmtree(order(folder)[number])
    done = run(folder)
    assert done.returncode == 1
    assert "bundles between are missing" in done.stdout


def test_that_the_newest_is_gone_is_found_with_a_noted_hash(folder: Path) -> None:
    newest = order(folder)[-1]
    noted = verify_bundle.sha256((newest / "manifest.json").read_bytes())
    assert run(folder, "--newest", noted).returncode == 0
    shutil.rmtree(newest)
    assert run(folder).returncode == 0  # nothing that is left can tell
    done = run(folder, "--newest", noted)
    assert done.returncode == 1
    assert f"no bundle has a manifest with the hash {noted}" in done.stdout


def test_bundles_that_changed_names_are_found(folder: Path) -> None:
    one, other = order(folder)[1:3]
    os.rename(one, folder / "between")
    os.rename(other, one)
    os.rename(folder / "between", other)
    done = run(folder)
    assert done.returncode == 1
    assert f"{one.name}: its manifest is that of {other.name}" in done.stdout


def reseal(made: Path, **changes: Any) -> None:
    """Rewrite a manifest, and everything beside it that can be rewritten without the key."""
    manifest = {**json.loads((made / "manifest.json").read_text()), **changes}
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (made / "manifest.json").write_bytes(text)
    signature = (made / "manifest.json.sig").read_bytes() if manifest["signer"] else None
    if signature is None:
        (made / "manifest.json.sig").unlink()
    (made / "SHA256SUMS").write_bytes(verify_bundle.sums(manifest["files"], text, signature))


def test_links_that_changed_places_are_found(folder: Path) -> None:
    one, other = order(folder)[1:3]
    links = [verify_bundle.load(str(made)) for made in (one, other)]
    for made, link in zip((one, other), reversed(links)):
        reseal(made, **{key: link[key] for key in ("sequence", "previous", "previous_run")}, signer=None)
    assert verify_bundle.check_bundle(str(one)) == []
    problems = verify_bundle.check_chain(str(folder))
    assert problems
    assert all("sealed after another bundle" in problem for problem in problems)


def test_a_bundle_that_is_sealed_anew_breaks_the_chain_and_the_signature(folder: Path, signers: Path) -> None:
    made = order(folder)[1]
    (made / "run.json").write_text("{}\n")
    reseal(made, files=verify_bundle.rows(str(made)))
    assert verify_bundle.check_bundle(str(made)) == []
    done = run(made)
    assert done.returncode == 1
    assert "the signature is not one of this manifest" in done.stdout
    assert f"{order(folder)[2].name}: it was sealed after another bundle than {made.name}" in done.stdout
    reseal(made, signer=None)
    assert "it is not signed" in run(folder, "--signers", str(signers)).stdout


def test_the_same_number_twice_is_found(folder: Path) -> None:
    made = order(folder)[-1]
    shutil.copytree(made, folder / "again")
    assert "number 4 is there twice" in run(folder).stdout


def test_a_signature_by_somebody_else_is_found(folder: Path, signers: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    made = order(folder)[-1]
    reseal(made, signer={"key": signing.fingerprint(str(other))})
    data = (made / "manifest.json").read_bytes()
    (made / "manifest.json.sig").write_bytes(signing.sign(data, str(other), signing.MANIFEST_NAMESPACE))
    assert "the signature is not one" not in run(made).stdout
    assert "does not list" in run(made, "--signers", str(signers)).stdout


def test_the_tools_that_auditors_have_agree(folder: Path, signers: Path) -> None:
    made = order(folder)[0]
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=made, check=True)
    argv = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "auditor@example.com"]
    argv += ["-n", "manifest@ringfence.callcenter", "-s", "manifest.json.sig"]
    data = (made / "manifest.json").read_bytes()
    assert subprocess.run(argv, cwd=made, input=data, capture_output=True, check=False).returncode == 0
    assert subprocess.run(argv, cwd=made, input=data + b" ", capture_output=True, check=False).returncode != 0


def test_without_ssh_keygen_the_hashes_are_checked(folder: Path, signers: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", "/nonesuch")
    done = run(folder)
    assert done.returncode == 0
    assert "the signature cannot be checked: ssh-keygen is not installed" in done.stdout
    assert run(folder, "--signers", str(signers)).returncode == 1


def test_a_call_that_names_nothing_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path / "nonesuch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not there" in done.stderr
    assert "holds no bundle" in run(tmp_path).stdout


def test_a_key_that_cannot_sign_leaves_no_bundle(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    partial = bundle.open_run(str(tmp_path), SITE)
    with pytest.raises(bundle.BundleError, match="there is no key /nonesuch"):
        bundle.seal(partial, sample.material(pci, site, signing_key="/nonesuch"))
    assert verify_bundle.bundles(str(tmp_path)) == []


def seal_another(folder: Path, pci: Any, sample: Any, key: Path | None) -> Path:
    material = sample.material(pci, {"records": [sample.record("host", sample.good)], "controls": sample.controls})
    if key is not None:
        material = dataclasses.replace(material, signing_key=str(key))
    return Path(bundle.seal(bundle.open_run(str(folder), SITE), material).path)


@pytest.fixture
def begun_later(tmp_path: Path, pci: Any, sample: Any, key: Path) -> list[Path]:
    """Bundles of a chain that was signed from the third on."""
    folder = tmp_path / "later"
    return [seal_another(folder, pci, sample, one) for one in (None, None, key, key)]


def test_a_bundle_from_before_signing_is_as_sealed_and_not_signed(begun_later: list[Path], signers: Path) -> None:
    made = begun_later[2]
    day = json.loads((made / "run.json").read_text())["finished_at"][:10]
    told = f"as it was sealed, not signed: the chain is signed since {day} ({made.name})"
    done = run(made.parent, "--signers", str(signers))
    assert (done.returncode, done.stdout.count(told)) == (0, 2), done.stdout
    assert done.stdout.count("signed by auditor@example.com") == 2
    done = run(begun_later[0], "--signers", str(signers))
    assert (done.returncode, done.stdout.count(told)) == (0, 1), done.stdout


def test_a_bundle_without_a_signature_after_that_is_wrong(
    begun_later: list[Path], signers: Path, pci: Any, sample: Any
) -> None:
    made = seal_another(begun_later[0].parent, pci, sample, None)
    done = run(made.parent, "--signers", str(signers))
    assert done.returncode == 1
    assert f"WRONG: {made.name}: it is not signed, and the chain is signed since " in done.stdout
    assert done.stdout.count("WRONG") == 1


def test_a_signature_that_was_taken_away_does_not_pass_for_one_that_never_was(
    begun_later: list[Path], signers: Path
) -> None:
    reseal(begun_later[2], signer=None)
    done = run(begun_later[2].parent, "--signers", str(signers))
    assert done.returncode == 1
    assert f"{begun_later[3].name}: it was sealed after another bundle than {begun_later[2].name}" in done.stdout


def test_a_chain_that_nobody_ever_signed_has_no_signers(tmp_path: Path, pci: Any, sample: Any, signers: Path) -> None:
    made = seal_another(tmp_path, pci, sample, None)
    assert run(tmp_path).returncode == 0
    done = run(tmp_path, "--signers", str(signers))
    assert done.returncode == 1
    assert f"WRONG: {made.name}: it is not signed\n" in done.stdout
