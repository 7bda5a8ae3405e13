# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's hosts as a test sees them, read from what ``tools.lab`` wrote when it started them."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.lab import access, engine, hosts, images, run

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Completed:
    """A finished command: exit status and outputs as text."""

    rc: int
    stdout: str
    stderr: str


class Lab:
    """One running lab: its hosts, their addresses and a way to run commands on them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = REPOSITORY / ".cache" / "lab" / name
        self.spec: dict[str, Any] = json.loads((self.folder / "spec.json").read_text(encoding="utf-8"))
        self.hosts: dict[str, dict[str, Any]] = {host["name"]: host for host in self.spec["hosts"]}

    @property
    def ssh_config(self) -> Path:
        """The ssh configuration with one entry a host."""
        return self.folder / "ssh_config"

    @property
    def inventory(self) -> Path:
        """The hosts as an ordinary Ansible inventory."""
        return self.folder / "inventory.yml"

    @property
    def ssh_args(self) -> str:
        """What Ansible needs to reach the hosts the way the lab does."""
        return access.ssh_args(self.name)

    def release(self, name: str) -> str:
        """The Debian release a host runs: debian12 or debian13."""
        return images.release(self.hosts[name]["image"])

    def addresses(self, name: str) -> list[str]:
        """All addresses of a host, its own segment's first."""
        return [address.split("/")[0] for leg in self.hosts[name]["interfaces"] for address in leg["addresses"]]

    def address(self, name: str) -> str:
        """The host's first IPv4 address."""
        return next(text for text in self.addresses(name) if ipaddress.ip_address(text).version == 4)

    def address6(self, name: str) -> str:
        """The host's first IPv6 address."""
        return next(text for text in self.addresses(name) if ipaddress.ip_address(text).version == 6)

    def peer(self, name: str) -> str:
        """A host on the same network as this one that no role hardens: each release has its own."""
        own = "peer13" if name in self.hosts and self.release(name) == "debian13" else "peer"
        return own if name != "peer" else next(other for other in self.hosts if other != "peer")

    def run(self, name: str, command: str, *, stdin: str = "", timeout: float = 60) -> Completed:
        """Run a shell line on a host as root and return how it ended: over ssh, or past it where root has no login."""
        argv = ["ssh", "-F", str(self.ssh_config), name, command]
        if self.hosts[name].get("login", {}).get("user", "root") != "root":
            argv = run.as_root(hosts.Lab(engine.find(), self.name).inside(name, "sh", "-c", command))
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    @staticmethod
    def run_as(ssh_config: Path, name: str, command: str) -> Completed:
        """Run a shell line on a host over a new connection that another ssh configuration describes."""
        argv = ["ssh", "-F", str(ssh_config), "-o", "ControlPath=none", name, command]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        return Completed(done.returncode, done.stdout, done.stderr)

    def restart(self, name: str) -> None:
        """Reboot a host and return once it answers over ssh; a virtual machine may take minutes on a busy machine."""
        subprocess.run(
            [sys.executable, "-m", "tools.lab", "restart", "--lab", self.name, name],
            cwd=REPOSITORY,
            check=True,
            timeout=450,
        )

    def playbook(self, *args: str, inventory: str | Path, timeout: float = 600) -> Completed:
        """Run ansible-playbook against this lab from the checkout."""
        venv = Path(sys.executable).parent
        environment = os.environ | {
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_SSH_ARGS": self.ssh_args,
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{venv}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            [str(venv / "ansible-playbook"), "-i", str(inventory), *args],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)
