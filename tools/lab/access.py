# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this machine reaches a lab's hosts: its key pair, their host keys, ssh_config and an inventory."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import paths
from .run import LabError, attempt, run
from .spec import Host, Spec
from .state import write_atomically

KEY = "id_ed25519"
_PASSWORD = "ansible_become_password"  # noqa: S105  # the name of a variable
# What is behind a door is emulated: it takes its time, and has none for an exchange of keys that is hard to compute.
_DOOR = """\
  HostName 127.0.0.1
  Port {port}
  IdentityFile "{key}"
  ConnectTimeout 90
  ServerAliveCountMax 20
  KexAlgorithms curve25519-sha256
"""


@dataclass(frozen=True)
class Door:
    """This machine's port that leads to the ssh of a host, and the private key that the host knows."""

    port: int
    key: Path


def key_pair(lab: str) -> str:
    """Make the lab's key pair if it is not there; returns the public key's line."""
    private = paths.lab_folder(lab) / KEY
    public = private.with_suffix(".pub")
    if not (private.exists() and public.exists()):
        private.parent.mkdir(parents=True, exist_ok=True)
        private.unlink(missing_ok=True)
        comment = f"ringfence-lab-{lab}"
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(private)]
        run(argv, "The lab's ssh key could not be made.")
    return public.read_text(encoding="ascii").strip()


def known_hosts(spec: Spec, keys: Mapping[str, list[str]]) -> str:
    """Return the known_hosts file: each host's keys under its name and all its addresses.

    :param keys: {host: ["ssh-ed25519 AAAA…", …]}.
    """
    lines = [
        f"{','.join([host.name, *host.addresses])} {key}"
        for host in spec.hosts
        for key in sorted(keys.get(host.name, []))
    ]
    return "".join(line + "\n" for line in lines)


def ssh_config(spec: Spec, folder: Path, control: Path, doors: Mapping[str, Door] | None = None) -> str:
    """Return an ssh_config by which each host is reached by its name and by any of its addresses.

    :param doors: {host: the way to it}, where its addresses lead nowhere from here.
    """
    blocks = [f"# The hosts of the lab {spec.name}. Written by tools/lab: ssh -F this-file HOST.\n"]
    for host in spec.hosts:
        door = (doors or {}).get(host.name)
        if door:
            lines = _DOOR.format(port=door.port, key=door.key)
            blocks.append(f"\nHost {' '.join([host.name, *host.addresses])}\n{lines}")
        blocks.append(
            f"""
Host {host.name}
  HostName {host.address}
Host {" ".join([host.name, *host.addresses])}
  HostKeyAlias {host.name}
{_login(host)}"""
        )
    blocks.append(
        f"""
Host *
  User root
  IdentityFile "{folder / KEY}"
  IdentitiesOnly yes
  PreferredAuthentications publickey
  UserKnownHostsFile "{folder / "known_hosts"}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  ControlMaster auto
  ControlPath "{control}/%C"
  ControlPersist 120s
  ConnectTimeout 10
  ServerAliveInterval 5
  ServerAliveCountMax 3
  LogLevel ERROR
"""
    )
    return "".join(blocks)


def _login(host: Host) -> str:
    """Return the lines of a host that is not reached as root at port 22 from this machine."""
    login = host.login
    lines = [f"  User {login.user}"] if login.user != "root" else []
    lines += [f"  Port {login.port}"] if login.port != 22 else []
    lines += [f"  ProxyJump {login.through}"] if login.through else []
    return "".join(line + "\n" for line in lines)


def become_password(lab: str, host: Host) -> str:
    """Return the password by which a host's account becomes root, '' where it needs none.

    It is made once for a lab and kept where Ansible looks for the variables of a host, readable by nobody else.
    """
    if not host.login.asks_for_password:
        return ""
    path = paths.lab_folder(lab) / "host_vars" / f"{host.name}.yml"
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))[_PASSWORD])
    except (OSError, ValueError, KeyError):
        password = secrets.token_urlsafe(18)
        told = {"ansible_become_method": host.login.become_method, _PASSWORD: password}
        write_atomically(path, json.dumps(told) + "\n", mode=0o600)
        return password


def ssh_args(lab: str) -> str:
    """Return Ansible's ``ssh_args``. It must see the control options itself for reset_connection to work."""
    folder, control = paths.lab_folder(lab), paths.control_folder(lab)
    options = ("-o", "ControlMaster=auto", "-o", "ControlPersist=120s", "-o", f"ControlPath={control}/%C")
    return shlex.join(["-F", str(folder / "ssh_config"), *options])


def inventory(spec: Spec) -> dict[str, Any]:
    """Return an inventory of the lab's hosts in their groups, with all that a connection needs."""
    groups: dict[str, Any] = {}
    for host in spec.hosts:
        for group in host.groups:
            groups.setdefault(group, {"hosts": {}})["hosts"][host.name] = {}
    return {
        "all": {
            "hosts": {host.name: host_variables(host) for host in spec.hosts},
            "vars": {
                "ansible_connection": "ssh",
                "ansible_user": "root",
                "ansible_python_interpreter": "/usr/bin/python3",
                "ansible_ssh_args": ssh_args(spec.name),
            },
            "children": groups,
        }
    }


def host_variables(host: Host) -> dict[str, Any]:
    """Return a host's variables: where it is reached and what the tests need to know of it."""
    login = host.login
    account: dict[str, Any] = {}
    if login.user != "root":
        account = {"ansible_user": login.user, "ansible_port": login.port}
    return {
        **account,
        "ansible_host": host.address,
        "lab_addresses": host.addresses,
        "lab_image": host.image,
        "lab_interfaces": [
            {"name": f"eth{number}", "network": interface.network, "addresses": list(interface.addresses)}
            for number, interface in enumerate(host.interfaces)
        ],
    }


def write(spec: Spec, keys: Mapping[str, list[str]], doors: Mapping[str, Door] | None = None) -> None:
    """Write known_hosts, ssh_config and inventory.yml (JSON, which is YAML too) of a lab.

    :param doors: as `ssh_config` takes them.
    :raises LabError: when a folder can't be written.
    """
    folder, control = paths.lab_folder(spec.name), paths.control_folder(spec.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        control.mkdir(mode=0o700, parents=True, exist_ok=True)
        control.chmod(0o700)
    except OSError as error:
        raise LabError(
            f"{error.filename} cannot be written ({error.strerror}); it may belong to another user."
        ) from error
    write_atomically(folder / "known_hosts", known_hosts(spec, keys))
    write_atomically(folder / "ssh_config", ssh_config(spec, folder, control, doors))
    text = json.dumps(inventory(spec), indent=2) + "\n"
    write_atomically(folder / "inventory.yml", "---\n# Written by tools/lab.\n" + text)


def hang_up(lab: str, host: str) -> None:
    """Close the open ssh connection to a host that goes away; there may be none."""
    config = paths.lab_folder(lab) / "ssh_config"
    if config.exists():
        attempt(["ssh", "-F", str(config), "-O", "exit", host], timeout=5)
