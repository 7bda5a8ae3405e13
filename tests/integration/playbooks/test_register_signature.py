# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a failing host to an accepted finding, by the two playbooks that a person runs."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

CONTROLS = """
kinds: all
controls:
  - id: sample.root
    title: A folder
    pci_dss: ['1.2.1']
    checks:
      - {id: type, aspect: running, probe: file_attributes, with: {path: /nonesuch}, expect: {type: directory}}
"""
INVENTORY = """
all:
  vars: {ansible_connection: local, ansible_become: false, ansible_python_interpreter: '%s'}
  hosts: {one: {}}
"""
EXCEPTION = """exceptions:
  EX-1:
    control: sample.root
    hosts: one
    owner: Head of the house
    reason: The folder is on its way
    compensating_measure: A box
    evidence: order.txt
    sha256: {digest}
    made_on: {today}
    expires: {expires}
    signed_by: jane@example.com
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one host that fails, with an exception that nobody has signed."""
    folder = tmp_path_factory.mktemp("site")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    register = EXCEPTION.format(
        digest=canonical.sha256(b"ordered"), today=today, expires=today + datetime.timedelta(days=30)
    )
    for name, text in {
        "roles/sample/meta/controls.yml": CONTROLS,
        "hosts.yml": INVENTORY % sys.executable,
        "registers/exceptions.yml": register,
        "registers/order.txt": "ordered",
        "registers/signers": f"jane@example.com {(folder / 'key.pub').read_text()}",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def audit(playbook: Any, site: Path) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = playbook("audit", site, "-e", f"audit_roles_path={site / 'roles'}")
    return done


def statuses(site: Path, name: str) -> dict[str, str]:
    record = json.loads((site / "evidence" / "latest" / name).read_text())
    return {one["check"]: one["status"] for one in record["findings"]}


def test_an_exception_counts_once_it_is_signed(site: Path, playbook: Any) -> None:
    done = audit(playbook, site)
    assert done.returncode == 2
    assert "fail          evidence.exceptions  (the site)" in done.stdout
    assert statuses(site, "hosts/one.json") == {"sample.root.type": "fail"}
    assert statuses(site, "site.json")["evidence.exceptions.EX-1"] == "fail"

    arguments = ("-e", "entry=EX-1", "-e", f"key={site / 'key'}")
    assert playbook("sign_register", site, *arguments, "--check").returncode == 0
    assert not (site / "registers" / "signatures").exists()
    done = playbook("sign_register", site, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exception EX-1 is signed by jane@example.com and counts until" in done.stdout
    assert "changed=0" in playbook("sign_register", site, *arguments).stdout

    done = audit(playbook, site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert statuses(site, "hosts/one.json") == {"sample.root.type": "excepted"}


def test_wrong_input_is_said_in_one_go(site: Path, playbook: Any) -> None:
    done = playbook("sign_register", site, "-e", "entry=EX-9", "-e", f"key={site / 'key'}")
    assert done.returncode != 0
    assert "there is no entry EX-9 in" in done.stdout + done.stderr
    done = playbook("sign_register", site)
    assert "Say which entry and with which key" in done.stdout + done.stderr


def test_a_malformed_register_stops_the_audit_before_any_host_is_asked(site: Path, playbook: Any) -> None:
    path = site / "registers" / "attestations.yml"
    path.write_text("attestations:\n  AT-1: {claim: paper-shredded}\n")
    try:
        done = audit(playbook, site)
    finally:
        path.unlink()
    assert done.returncode != 0
    assert f"{path}:2: attestations.AT-1.claim: unknown key." in done.stdout + done.stderr
    assert "TASK [Observe the host]" not in done.stdout
