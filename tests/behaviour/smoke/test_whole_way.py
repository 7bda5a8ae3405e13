# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way through everything: hardened, audited, sealed; broken on both hosts, seen red, repaired, green again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

SITE = REPOSITORY / "molecule" / "smoke" / "site.yml"
PLAYBOOKS = REPOSITORY / "playbooks"
#: What is broken on a host, past every file that a role wrote, and the controls that must turn red by it. A service
#: that is down is also something that the next run would change; the ruleset is kept by an action and not by a step.
BREAKS = {
    "gw1": ("nft insert rule inet ringfence input accept", {"firewall.rules_as_declared"}),
    "ws-acme-1": (
        "systemctl stop clamav-daemon.socket clamav-daemon.service",
        {"antivirus.scanner_runs", "antivirus.as_declared"},
    ),
}
#: How often a run of all roles with nothing to change goes to a host at most: once a role, and where a role of a
#: gateway looks at what is in force before it says that nothing is to do.
TRIPS = {"gw1": 16, "ws-acme-1": 13}


def run(lab: Lab, name: str, *args: str) -> Completed:
    """Run a playbook of the collection over the site."""
    return lab.playbook(str(PLAYBOOKS / f"{name}.yml"), *args, inventory=SITE)


def changed(done: Completed) -> dict[str, int]:
    """Host -> how much changed."""
    return {
        host: int(count) for host, count in re.findall(r"^(\S+)\s*: ok=\d+\s+changed=(\d+)", done.stdout, re.MULTILINE)
    }


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bundles."""
    return tmp_path_factory.mktemp("evidence")


def audited(lab: Lab, evidence: Path) -> dict[str, set[str]]:
    """Run the audit, verify its bundle by the program in it, and return the controls that are red, by host."""
    done = run(lab, "audit", "-e", json.dumps({"audit_evidence_dir": str(evidence)}))
    assert done.rc in (0, 2), done.stdout[-4000:] + done.stderr[-2000:]
    bundle = evidence / "latest"
    verified = subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    red: dict[str, set[str]] = {}
    for path in sorted((bundle / "hosts").glob("*.json")):
        findings: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["findings"]
        red[path.stem] = {
            str(one["check"]).rsplit(".", 1)[0] for one in findings if one["status"] not in ("pass", "not_applicable")
        }
    assert bool(done.rc) is any(red.values()), (done.rc, red)
    return red


def test_the_whole_way(lab: Lab, evidence: Path) -> None:
    """Each step stands on the one before it."""
    again = run(lab, "site", "-vvv")
    assert again.rc == 0, again.stdout[-4000:] + again.stderr[-2000:]
    assert changed(again) == dict.fromkeys(BREAKS, 0)
    # As the connection plugin says it: one for each command that it starts on the host.
    seen = Counter(re.findall(r"<(\S+?)> SSH: EXEC ", again.stdout + again.stderr))
    trips = {host: sum(seen[name] for name in (host, *lab.addresses(host))) for host in BREAKS}
    assert all(0 < trips[host] <= most for host, most in TRIPS.items()), (trips, seen)
    assert audited(lab, evidence) == {host: set() for host in BREAKS}
    for host, (command, _red) in BREAKS.items():
        assert lab.run(host, command).rc == 0, host
    assert audited(lab, evidence) == {host: red for host, (_command, red) in BREAKS.items()}
    repaired = run(lab, "site")
    assert repaired.rc == 0, repaired.stdout[-4000:] + repaired.stderr[-2000:]
    assert all(changed(repaired).values()), repaired.stdout[-2000:]
    assert audited(lab, evidence) == {host: set() for host in BREAKS}
