# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit never takes silence for a pass, and a bad site model stops everything before a host is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.lab import REPOSITORY

from .conftest import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

AUDIT = str(REPOSITORY / "playbooks" / "audit.yml")
#: An address in the demo's acme segment that no host has.
NOBODY = "10.62.10.99"


def test_a_host_that_does_not_answer_is_not_observed(lab: Lab, tmp_path: Path) -> None:
    """Its findings say so by name, the others' are there, and the exit status is not 0."""
    more = tmp_path / "more.yml"
    more.write_text(json.dumps({"all": {"hosts": {"ghost": {"ansible_host": NOBODY, "ansible_timeout": 3}}}}))
    evidence = tmp_path / "evidence"
    extra = json.dumps({"audit_evidence_dir": str(evidence), "inventory_dir": str(tmp_path)})
    done = lab.playbook("-i", str(more), AUDIT, "-e", extra, inventory=SITE)
    assert done.rc == 2, done.stdout[-4000:]
    assert "ghost: unreachable" in done.stdout
    ghost = json.loads((evidence / "latest" / "hosts" / "ghost.json").read_text(encoding="utf-8"))
    # What the inventory alone decides, such as that it is no workstation, is known without it.
    assert {finding["status"] for finding in ghost["findings"]} <= {"not_observed", "not_applicable"}
    assert "not_observed" in {finding["status"] for finding in ghost["findings"] if finding["role"] == "antivirus"}
    gateway = json.loads((evidence / "latest" / "hosts" / "gw1.json").read_text(encoding="utf-8"))
    assert {finding["status"] for finding in gateway["findings"]} <= {"pass", "not_applicable"}


def test_a_bad_site_model_stops_the_run_before_any_host(lab: Lab, tmp_path: Path) -> None:
    """Every error at once, with file, line and key, another exit status than 0, and no play begun."""
    text = SITE.read_text(encoding="utf-8")
    bad = tmp_path / "site.yml"
    bad.write_text(text.replace("to: db1", "to: db2", 1).replace("vlan: 20", "vlan: 10", 1), encoding="utf-8")
    done = lab.playbook(str(REPOSITORY / "playbooks" / "site.yml"), inventory=bad)
    said = done.stdout + done.stderr
    assert done.rc != 0
    assert "PLAY [" not in said
    assert f"{bad}:" in said or "site.yml:" in said
    assert "'db2' is no host" in said
    assert "vlan" in said
