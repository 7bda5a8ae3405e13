# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordinary account with an ssh key and a sudo password, by which Ansible comes to a host of the lab.

Only the ssh configuration names it: the inventory that Ansible gets has no ``ansible_user``.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from tests.support.lab import Completed, Lab

ACCOUNT = "rf-deploy"
PASSWORD = "Zwaan-7-Kelk-Mos-41"
_SUDOERS = "/etc/sudoers.d/rf-deploy"


class Administrator:
    """The account on one host, and playbooks that are run by it. folder: where its files on the controller are."""

    def __init__(self, lab: Lab, name: str, folder: Path) -> None:
        self.lab, self.name, self.folder = lab, name, folder

    def run(self, command: str, stdin: str = "") -> str:
        """Run a shell line on the host as root; its output."""
        done = self.lab.run(self.name, command, stdin=stdin)
        assert done.rc == 0, f"{command}: {done.stdout} {done.stderr}"
        return done.stdout

    def arrive(self) -> None:
        """Make the account, and Ansible's files."""
        self.run(
            f"id {ACCOUNT} >/dev/null 2>&1 || useradd -m -s /bin/bash {ACCOUNT}; chage -m 0 {ACCOUNT};"
            f" cd /home/{ACCOUNT}; install -d -o {ACCOUNT} -m 700 .ssh;"
            f" install -o {ACCOUNT} -m 600 /root/.ssh/authorized_keys .ssh"
        )
        self.run("chpasswd", stdin=f"{ACCOUNT}:{PASSWORD}\n")
        self.may_sudo("ALL=(ALL:ALL) ALL")
        config = self.lab.ssh_config.read_text(encoding="utf-8").replace("  User root\n", f"  User {ACCOUNT}\n")
        (self.folder / "ssh_config").write_text(config, encoding="utf-8")
        inventory = json.loads(self.lab.inventory.read_text(encoding="utf-8").split("\n", 2)[2])
        told = inventory["all"]["vars"]
        del told["ansible_user"]
        told["ansible_ssh_args"] = told["ansible_ssh_args"].replace(
            shlex.quote(str(self.lab.ssh_config)), shlex.quote(str(self.folder / "ssh_config"))
        )
        # In the inventory, so that a task of a test can have another.
        told.update(ansible_become=True, ansible_become_password=PASSWORD)
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    def leave(self) -> None:
        """Remove the account."""
        self.run(
            f"faillock --user {ACCOUNT} --reset; rm -f {_SUDOERS}; pkill -KILL -u {ACCOUNT};"
            f" userdel --force --remove {ACCOUNT} 2>&1; sed -i '/^{ACCOUNT}:/d' /etc/security/opasswd; true"
        )

    def may_sudo(self, right: str) -> None:
        """Give the account this right by sudoers."""
        self.run(f"umask 227; rm -f {_SUDOERS}; echo '{ACCOUNT} {right}' > {_SUDOERS}")

    def password_changed(self, days_ago: int) -> None:
        """Date the last change of its password back; it does not age yet."""
        self.run(f"chage -d $(date -u -d '-{days_ago} days' +%F) -m 0 -M 99999 {ACCOUNT}")

    def playbook(self, playbook: Path, *args: str, **variables: Any) -> Completed:
        """Run a playbook on the host by this account, which becomes root by sudo with its password."""
        file = self.folder / "variables.json"
        file.write_text(json.dumps(variables), encoding="utf-8")
        return self.lab.playbook(
            str(playbook), "--limit", self.name, "-e", f"@{file}", *args, inventory=self.folder / "inventory.yml"
        )

    def logs_in(self) -> Completed:
        """Log in over a connection of its own, with the key."""
        return self.lab.run_as(self.folder / "ssh_config", self.name, "echo ENTERED")
