# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's pack as a person makes it: the demo site is audited, the playbook draws packs, a browser reads one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import site_playbook
from tests.support.browser import dump, in_a_browser
from tests.support.call_centre import everything

REPOSITORY = Path(__file__).resolve().parents[3]
CONTROLS = """
kinds: all
controls:
  - id: sample.root
    title: A folder
    claims: [inbound-drop]
    pci_dss: ['1.2.1']
    checks:
      - id: type
        aspect: running
        probe: file_attributes
        with: {path: "{{ sample_path }}"}
        expect: {type: directory, told: "{{ sample_told }}"}
"""
DEFAULTS = """
sample_path: "{{ '/nonesuch' if inventory_hostname == 'ws-globex-1' else '/' }}"
sample_told: "{{ ringfence_segments.keys() | join(' ') if inventory_hostname == 'ws-acme-1' else inventory_hostname }}"
"""
#: What must not be in a pack of acme, as a plain search finds it.
GLOBEX = re.compile(r"globex|10\.60\.20\.|fd60:0:0:20:", re.IGNORECASE)
ACME = re.compile(r"acme|10\.60\.10\.|fd60:0:0:10:", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo site, audited over connections to this machine."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(REPOSITORY / "inventories/demo/site.yml", folder / "site.yml")
    for name, text in {"meta/controls.yml": CONTROLS, "defaults/main.yml": DEFAULTS}.items():
        path = folder / "roles" / "sample" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    extra = {"ansible_connection": "local", "ansible_become": False, "audit_roles_path": str(folder / "roles")}
    done = run(folder, "audit", {**extra, "ansible_python_interpreter": sys.executable})
    assert (folder / "evidence" / "latest" / "report.html").is_file(), done.stdout + done.stderr
    return folder


def run(folder: Path, playbook: str, extra: Mapping[str, object], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook over the folder's site.yml with these variables."""
    return site_playbook.run(folder, playbook, "-e", json.dumps(extra), *arguments)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture(scope="module")
def report(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a pack of acme."""
    target = tmp_path_factory.mktemp("packs")
    assert run(site, "client_pack", {"client": "acme", "client_pack_dir": str(target)}).returncode == 0
    (page,) = target.glob("acme/*/report.html")
    return page


def test_each_client_has_a_signed_pack_of_its_own(site: Path, key: Path) -> None:
    packs = {}
    for client, others in (("acme", GLOBEX), ("globex", ACME)):
        done = run(site, "client_pack", {"client": client, "audit_signing_key": str(key)})
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 own hosts in full, 4 shared by kind and status" in done.stdout
        (packs[client],) = (site / "evidence" / "packs" / client).iterdir()
        assert others.findall(everything(packs[client])) == []
        assert (packs[client] / "hosts" / f"ws-{client}-1.json").is_file()
        verified = subprocess.run(
            [sys.executable, packs[client] / "verify.py"], capture_output=True, text=True, check=False
        )
        assert verified.returncode == 0, verified.stdout
        assert "signed by the key SHA256:" in verified.stdout
    told = json.loads((packs["acme"] / "hosts" / "ws-acme-1.json").read_text())["findings"][0]
    assert told["expected"] == {"type": "directory", "told": "[withheld]"}
    evidence = {
        name: next(row for row in json.loads((folder / "requirements.json").read_text()) if row["id"] == "1.2.1")
        for name, folder in {**packs, "all": site / "evidence" / "latest"}.items()
    }
    assert evidence["globex"]["evidence"] == evidence["all"]["evidence"] == "does_not_support"
    assert evidence["acme"]["counts"]["fail"] == evidence["all"]["counts"]["fail"] - 1
    assert "changed=0" in run(site, "client_pack", {"client": "acme", "audit_signing_key": str(key)}).stdout


def test_a_wrong_client_is_refused_with_the_valid_names(site: Path) -> None:
    for client in ("initech", ""):
        done = run(site, "client_pack", {"client": client} if client else {})
        assert done.returncode == 2
        assert f"client: there is no client '{client}'. Valid: acme, globex." in done.stdout + done.stderr
    assert not (site / "evidence" / "packs" / "initech").exists()


def test_check_mode_leaves_nothing_and_other_folders_can_be_named(site: Path, tmp_path: Path) -> None:
    (name,) = (path.name for path in (site / "evidence").glob("2*"))
    extra = {"client": "acme", "bundle": str(site / "evidence" / name), "client_pack_dir": str(tmp_path / "packs")}
    done = run(site, "client_pack", extra, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=1" in done.stdout
    assert not (tmp_path / "packs").exists()
    assert run(site, "client_pack", extra).returncode == 0
    assert (tmp_path / "packs" / "acme" / name / "pack.json").is_file()


@in_a_browser
@pytest.mark.parametrize(
    "address",
    ["summary", "requirements", "hosts/ws-acme-1", "hosts/shared-gateway-1", "roles", "claims", "findings", "about"],
)
def test_a_reader_sees_whose_it_is_and_nobody_else(report: Path, tmp_path: Path, address: str) -> None:
    seen = dump(report.read_text(encoding="utf-8"), tmp_path, address)
    assert "This is a pack for Acme Insurance (client acme), drawn from the bundle" in seen
    assert GLOBEX.findall(seen) == []
    if address.startswith("hosts/"):
        assert address.removeprefix("hosts/") in seen
