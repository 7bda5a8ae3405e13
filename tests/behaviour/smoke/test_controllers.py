# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Either release as the controller, with the oldest ansible-core that is promised and the newest that it takes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY
from tools.lab import controllers, engine, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lab import Lab

SITE = REPOSITORY / "molecule" / "smoke" / "site.yml"
PLAYBOOKS = [str(REPOSITORY / "playbooks" / f"{name}.yml") for name in ("site", "audit")]
BREAKS = {"gw1": "nft insert rule inet ringfence input accept", "ws-acme-1": "systemctl stop clamav-daemon.socket"}
#: What this scenario was converged by is no news.
OTHERS = [
    one for one in controllers.every() if (one.python, one.core) != (sys.version_info[:2], version("ansible-core"))
]


@pytest.mark.parametrize("controller", OTHERS, ids=lambda one: f"{one.release}-core-{one.core}")
def test_it_repairs_what_is_broken_and_audits(lab: Lab, tmp_path: Path, controller: controllers.Controller) -> None:
    """Over connections of its own, in one run of both playbooks."""
    controllers.ensure(REPOSITORY / ".cache" / "lab" / "logs" / "packages.log")
    for host, command in BREAKS.items():
        assert lab.run(host, command).rc == 0, host
    environment = {
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SSH_ARGS": f"-F {lab.ssh_config} -o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/tmp/%C",
    }
    asked = ["playbook", f"--inventory={SITE}", *PLAYBOOKS, "-e", json.dumps({"audit_evidence_dir": str(tmp_path)})]
    argv = controller.argv(engine.find(), asked, environment=environment, writable=tmp_path)
    done = subprocess.run(
        run.as_root(argv), capture_output=True, text=True, timeout=controllers.SECONDS + 60, check=False
    )
    # Root of the container is root here.
    run.attempt(["chown", "--recursive", f"{os.getuid()}:{os.getgid()}", str(tmp_path)], root=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    assert "DEPRECATION" not in said
    changed = dict(re.findall(r"^(\S+)\s*: ok=\d+\s+changed=([1-9]\d*)", done.stdout, re.MULTILINE))
    assert BREAKS.keys() <= changed.keys(), said[-4000:]
    about = json.loads((tmp_path / "latest" / "run.json").read_text(encoding="utf-8"))
    assert about["ansible"] == controller.core
    assert about["python"].startswith("{}.{}.".format(*controller.python))
