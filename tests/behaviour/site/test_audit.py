# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit never takes silence for a pass, and a bad site model stops everything before a host is touched."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.support.lab import REPOSITORY
from tools.lab import engine, hosts

from .conftest import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

AUDIT = str(REPOSITORY / "playbooks" / "audit.yml")
#: An address in the demo's acme segment that no host has.
NOBODY = "10.62.10.99"


def test_a_host_that_does_not_answer_is_not_observed(lab: Lab, converged: list[str], tmp_path: Path) -> None:
    """Its findings say so by name, the others' are there, and the exit status is not 0."""
    more = tmp_path / "more.yml"
    more.write_text(json.dumps({"all": {"hosts": {"ghost": {"ansible_host": NOBODY, "ansible_timeout": 3}}}}))
    evidence = tmp_path / "evidence"
    told = {"audit_evidence_dir": str(evidence), "inventory_dir": str(tmp_path), "audit_roles": converged or None}
    done = lab.playbook("-i", str(more), AUDIT, "-e", json.dumps(told), inventory=SITE)
    assert done.rc == 2, done.stdout[-4000:]
    assert "ghost: unreachable" in done.stdout
    ghost = json.loads((evidence / "latest" / "hosts" / "ghost.json").read_text(encoding="utf-8"))
    # What the inventory alone decides, such as that it is no workstation, is known without it.
    assert {finding["status"] for finding in ghost["findings"]} <= {"not_observed", "not_applicable"}
    assert "not_observed" in {finding["status"] for finding in ghost["findings"] if finding["role"] == "firewall"}
    gateway = json.loads((evidence / "latest" / "hosts" / "gw1.json").read_text(encoding="utf-8"))
    assert {finding["status"] for finding in gateway["findings"]} <= {"pass", "not_applicable"}


def test_a_host_that_dies_half_way_is_not_observed(lab: Lab, tmp_path: Path) -> None:
    """Killed while its probes run: by name and with a reason, the others' findings are there, the bundle is whole."""
    name = "ws-globex-2"
    slow = "sh -c 'touch /run/asked; sleep 60; exec python3 -I -S -' #"
    more = tmp_path / "more.yml"
    more.write_text(json.dumps({"all": {"hosts": {name: {"ansible_python_interpreter": slow}}}}))
    evidence = tmp_path / "evidence"
    told = {"audit_evidence_dir": str(evidence), "inventory_dir": str(tmp_path), "audit_roles": ["firewall"]}
    extra = json.dumps(told)
    container = hosts.Lab(engine.find(), lab.name).container(name)
    assert lab.run(name, "rm -f /run/asked").rc == 0
    try:
        with ThreadPoolExecutor(max_workers=1) as worker:
            running = worker.submit(lab.playbook, "-i", str(more), AUDIT, "-e", extra, inventory=SITE)
            deadline = time.monotonic() + 60
            while lab.run(name, "test -e /run/asked").rc != 0:
                assert time.monotonic() < deadline, "it was never asked"
                time.sleep(0.2)
            subprocess.run(["podman", "kill", container], check=True, capture_output=True)
            done = running.result()
    finally:
        lab.restart(name)
    assert done.rc == 2, done.stdout[-4000:]
    assert f"{name}: unreachable" in done.stdout
    dead = json.loads((evidence / "latest" / "hosts" / f"{name}.json").read_text(encoding="utf-8"))
    assert {finding["status"] for finding in dead["findings"]} <= {"not_observed", "not_applicable"}
    run = json.loads((evidence / "latest" / "run.json").read_text(encoding="utf-8"))
    assert [row["host"] for row in run["population"]["not_observed"]] == [name]
    assert run["population"]["observed"] == run["population"]["hosts"] - 1
    verified = subprocess.run(
        ["python3", evidence / "latest" / "verify.py", evidence], capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout


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
