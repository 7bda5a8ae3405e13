# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make prove``: the negative control on hosts of a lab that runs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import access, demo, paths
from .run import LabError, environment


def command(site: Path, hosts: str) -> list[str]:
    """The playbook over hosts of a site, named with commas between them; by its interpreter, as in demo.py."""
    argv = [str(paths.VENV / "bin" / "python"), "-m", "ansible", "playbook", "-i", str(site)]
    return [*argv, "-e", f"prove_hosts={hosts}", str(paths.ROOT / "playbooks" / "prove.yml")]


def settings(lab: str) -> Mapping[str, str]:
    """What Ansible needs to reach a lab's hosts.

    :raises LabError: when the lab is not up.
    """
    if not (paths.lab_folder(lab) / "ssh_config").exists():
        start = "run `make demo` first" if lab == demo.NAME else "start it first"
        raise LabError(f"The lab {lab} is not up: {start}.", status=2)
    return {"ANSIBLE_CONFIG": str(paths.ROOT / "ansible.cfg"), "ANSIBLE_SSH_ARGS": access.ssh_args(lab)}


def main(lab: str, site: Path | None, hosts: str) -> int:
    """Run the playbook; its exit status.

    :raises LabError: when the lab is not up.
    """
    env = environment(settings(lab))
    return subprocess.run(command(site or demo.SITE, hosts), cwd=paths.ROOT, env=env, check=False).returncode
