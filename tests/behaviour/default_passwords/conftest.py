# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host onto which accounts with well-known passwords are planted, and people who try to come in by them."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab
from tests.support.observed import Observed

CONVERGE = REPOSITORY / "molecule" / "default_passwords" / "converge.yml"
AUDIT = REPOSITORY / "tests" / "behaviour" / "contract" / "audit.yml"

#: Account -> password; molecule/default_passwords/vars.yml tells the role of rf-set, rf-expire and rf-own.
PLANTED = {
    "pi": "raspberry",
    "rf-set": "admin",
    "rf-expire": "password",
    "rf-own": "our-dialler-secret",
    "rf-name": "rf-name",
}
GIVEN = {"rf-set": "a-password-of-its-own-4711"}
UNTOUCHED = {"rf-good": "Good-pass-4711"}

#: What must not be printed or kept anywhere. The other planted passwords are ordinary words.
SECRETS = (PLANTED["rf-own"], PLANTED["pi"], GIVEN["rf-set"])

#: sshd 9.8 and later refuse a source for some seconds after a wrong password: then nothing is tried any more.
_PENALTIES = "/etc/ssh/sshd_config.d/00-rf-penalties.conf"
_FILES = "/etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/subuid /etc/subgid"
#: What a wrong password ends with, and a right one of an expired account.
_REFUSED = "Permission denied|Connection closed"
_SSH = "ssh -o PreferredAuthentications=password -o PubkeyAuthentication=no -o StrictHostKeyChecking=no"
_SSH += " -o UserKnownHostsFile=/dev/null -o ControlPath=none -o NumberOfPasswordPrompts=1 -o LogLevel=INFO"


class Doors:
    """The host under test and the ways to try to get into it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name

    def run(self, command: str, *, stdin: str = "") -> str:
        """Run a shell line on the host under test; its output."""
        done = self.lab.run(self.name, command, stdin=stdin)
        assert done.rc == 0, f"{command}: {done.stderr}"
        return done.stdout

    def plant(self) -> None:
        """Make the accounts, each with its password, one without, one with a key as well."""
        self.run(f"mkdir -p /run/rf && cp -p {_FILES} /run/rf/")
        for account in (*PLANTED, *UNTOUCHED, "rf-empty"):
            self.run(f"useradd --create-home --shell /bin/bash {account}")
        self.run(
            f"if sshd -T -o PerSourcePenalties=no > /dev/null 2>&1; then echo PerSourcePenalties no > {_PENALTIES}; fi"
            " && systemctl reload ssh"
        )
        lines = "".join(f"{account}:{password}\n" for account, password in (PLANTED | UNTOUCHED).items())
        self.run("chpasswd -c YESCRYPT", stdin=lines)
        self.run("passwd -q -d rf-empty")
        for account in ("rf-name", "rf-expire"):
            folder = f"~{account}/.ssh"
            self.run(f"mkdir -p {folder} && cp ~/.ssh/authorized_keys {folder}/ && chown -R {account}: {folder}")

    def clear(self) -> None:
        """Remove the accounts; the files that list them become what they were, byte for byte."""
        self.run(f"for file in {_FILES}; do cp -p /run/rf/$(basename $file) $file; done; rm -rf /run/rf /home/*")
        self.run(f"rm -f {_PENALTIES} && systemctl reload ssh")

    def enters(self, account: str, password: str) -> bool:
        """Whether a password opens an account over ssh, from another host."""
        said = shlex.quote(shlex.quote(password))
        ask = f"printf '#!/bin/sh\\necho %s\\n' {said} > /tmp/rf-ask && chmod 700 /tmp/rf-ask"
        login = f"{_SSH} {account}@{self.lab.address(self.name)} 'echo ENTERED'"
        environment = "SSH_ASKPASS=/tmp/rf-ask SSH_ASKPASS_REQUIRE=force"
        done = self.lab.run(self.lab.peer(self.name), f"{ask} && {environment} {login}")
        assert done.rc == 0 or re.search(_REFUSED, done.stderr), f"nothing was tried: {done.stderr}"
        return done.rc == 0 and "ENTERED" in done.stdout

    def enters_with_key(self, account: str) -> bool:
        """Whether the lab's key opens an account over ssh, on a connection of its own."""
        argv = [
            "ssh",
            "-F",
            str(self.lab.ssh_config),
            "-o",
            "ControlPath=none",
            f"{account}@{self.name}",
            "echo ENTERED",
        ]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0 and "ENTERED" in done.stdout

    def enters_without_password(self, account: str, *, nullok: bool = False) -> bool:
        """Whether somebody else becomes an account with no password at all.

        nullok: with a login stack that would allow it, which only this attempt sees.
        """
        become = f"runuser -u nobody -- su -s /bin/sh {account} -c 'echo ENTERED' < /dev/null"
        if nullok:
            stack = "sed 's/pam_unix.so.*/pam_unix.so nullok/' /etc/pam.d/common-auth > /run/rf-stack"
            inside = f"mount --bind /run/rf-stack /etc/pam.d/common-auth && {become}"
            become = f"{stack} && unshare --mount sh -c {shlex.quote(inside)}"
        done = self.lab.run(self.name, become)
        return done.rc == 0 and "ENTERED" in done.stdout

    def converge(self, *args: str) -> Completed:
        """Run the role on this host."""
        return self.lab.playbook(str(CONVERGE), "--limit", self.name, *args, inventory=self.lab.inventory)

    def audit(self, folder: Path) -> tuple[dict[str, list[str]], str]:
        """The controls of the role that are not green, and everything that the audit printed or kept."""
        Observed.place(folder, "after")
        variables = ["-e", "contract_role=default_passwords", "-e", f"contract_findings={folder}", "-vvvv"]
        done = self.lab.playbook(str(AUDIT), "--limit", self.name, *variables, inventory=self.lab.inventory)
        kept = (folder / "after" / "hosts" / f"{self.name}.json").read_text(encoding="utf-8")
        return Observed(folder, done.stdout).red("after", self.name), done.stdout + done.stderr + kept

    def findings(self, folder: Path) -> list[dict[str, Any]]:
        """What the last audit into a folder found."""
        text = (folder / "after" / "hosts" / f"{self.name}.json").read_text(encoding="utf-8")
        found: list[dict[str, Any]] = json.loads(text)["findings"]
        return found


@pytest.fixture(scope="module")
def doors(lab: Lab, name: str) -> Iterator[Doors]:
    """The host with its planted accounts, for as long as the tests of a file take."""
    them = Doors(lab, name)
    them.plant()
    yield them
    them.clear()
