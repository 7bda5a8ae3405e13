# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and card numbers planted wherever an audit looks are in no byte of the bundle and on no page of its PDF."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import program

PASSWORD, BECOME, NESTED, ELSEWHERE = "Korrekt-Pferd-9", "Batterie!Klammer", "tief-vergraben-7", "nirgends-gefragt-3"
CARD = "4111 1111 1111 1111"
PLANTED = [PASSWORD, BECOME, NESTED, ELSEWHERE, CARD, CARD.replace(" ", ""), "5555555555554444"]

CONTROLS = """
kinds: all
controls:
  - id: sample.settings
    title: Settings
    pci_dss: ['1.2.1']
    checks:
      - {id: all, aspect: configured, probe: key_values, with: {path: "{{ sample_file }}"}, expect: {exists: true}}
      - id: texts
        aspect: configured
        probe: file_texts
        with: {files: {"/nonesuch": ["{{ sample_login.password }}", "{{ sample_card }}"]}}
        expect: {missing: []}
      - id: one
        aspect: running
        probe: key_values
        with: {path: "{{ sample_file }}", keys: [harmless]}
        expect: {password: "{{ sample_password }}"}
      - id: broken
        aspect: running
        probe: key_values
        with: {path: "{{ sample_password | nonesuch }}"}
        expect: {exists: true}
"""
INVENTORY = """
all:
  vars:
    ansible_connection: local
    ansible_become: false
    ansible_python_interpreter: '%(python)s'
    sample_file: '%(file)s'
    sample_password: '%(password)s'
    ansible_become_password: "{{ '%(become)s' }}"
    sample_login: {user: app, password: '%(nested)s', cards: ['%(card)s', 5555555555554444]}
    sample_card: '%(card)s'
  hosts:
    good:
      ringfence_host: {segment: 'card %(card)s', client: '%(password)s', os: debian12}
    away: {ringfence_host: {segment: 'card %(card)s', client: '%(password)s'}}
    babbling: {ansible_python_interpreter: "/bin/echo '%(elsewhere)s %(card)s' #"}
    failing: {ansible_python_interpreter: "sh -c 'echo \\"%(password)s %(become)s %(card)s\\" >&2; exit 3' #"}
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, playbook: Any, leave_records: Any) -> tuple[Path, str]:
    """An audit of hosts full of secrets: its bundle, and what the terminal showed."""
    folder = tmp_path_factory.mktemp("site")
    path = folder / "app.conf"
    lines = ["harmless = yes", f"password = {PASSWORD}", f"other={BECOME}-more", f"card = {CARD}", f"{NESTED} = key"]
    path.write_text("\n".join([*lines, "n=5555555555554444", ""]))
    values = {"python": sys.executable, "file": path, "password": PASSWORD, "become": BECOME}
    values |= {"nested": NESTED, "card": CARD, "elsewhere": ELSEWHERE}
    for name, text in {"roles/sample/meta/controls.yml": CONTROLS, "hosts.yml": INVENTORY % values}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    said = f"{PASSWORD} {BECOME} {NESTED} {CARD} {CARD.replace(' ', '')}"
    leave_records(folder / "evidence", said)
    done = playbook("audit", folder, "-v", "--limit", "all:!away", "-e", f"audit_roles_path={folder / 'roles'}")
    assert done.returncode == 2, done.stdout + done.stderr
    return folder / "evidence" / "latest", done.stdout + done.stderr


def test_every_host_was_looked_at(bundle: tuple[Path, str]) -> None:
    record = json.loads((bundle[0] / "hosts" / "good.json").read_text())
    observed = record["findings"][0]["observed"]
    assert observed["password"] == "[secret]"
    assert observed["other"] == "[secret]-more"
    assert observed["card"].endswith("1111")
    assert record["attributes"]["client"] == "[secret]"
    assert record["findings"][1]["observed"] == {"missing": ["/nonesuch: **** **** **** 1111", "/nonesuch: [secret]"]}
    assert record["findings"][2]["expected"] == {"password": "[secret]"}
    assert json.loads((bundle[0] / "hosts" / "away.json").read_text())["attributes"]["client"] == "[secret]"
    review = json.loads((bundle[0] / "rule_review.json").read_text())["review"]
    masked = "[secret] [secret] [secret] **** **** **** 1111 ************1111"
    assert review["hosts"][0]["rules"][1]["reason"] == masked
    assert json.loads((bundle[0] / "segmentation.json").read_text())["test"]["title"] == masked
    reason = json.loads((bundle[0] / "hosts" / "failing.json").read_text())["reason"]
    assert reason == "the probes could not be run (exit status 3): [secret] [secret] **** **** **** 1111"


@pytest.mark.parametrize("secret", PLANTED)
def test_no_secret_is_anywhere_in_the_bundle_or_on_the_terminal(bundle: tuple[Path, str], secret: str) -> None:
    files = [path for path in bundle[0].rglob("*") if path.is_file()]
    assert len(files) > 12
    for path in files:
        assert secret.encode() not in path.read_bytes(), path
    assert secret not in bundle[1]


def test_no_secret_is_on_any_page_of_the_pdf(bundle: tuple[Path, str], playbook: Any) -> None:
    reader, folder = program("pdftotext"), bundle[0].parent.parent
    done = playbook("export", folder, "-e", '{"audit_exports": ["pdf"]}')
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (folder / "evidence" / "exports").glob("*/report.pdf")
    shown = subprocess.run([reader, path, "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    text = "".join(shown.split())
    assert "sample.settings.all" in text
    assert "[secret][secret]************1111" in text
    for secret in PLANTED:
        assert "".join(secret.split()) not in text
        assert secret not in done.stdout + done.stderr
    again = playbook("export", folder, "-e", '{"audit_exports": ["pdf"]}')
    assert "changed=0" in again.stdout, "the same bundle gives the same bytes, which stay"
