# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd-networkd's files of one prefix, and the VLAN interfaces that come of them."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, run
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)

FOLDER = "/etc/systemd/network"
PREFIX = "05-ringfence-"
SERVICE = "systemd-networkd.service"
_NAME = re.compile(r"^Name=(\S+)$", re.MULTILINE)
#: Seconds for networkd to make what it was told.
_PATIENCE = 15.0


@dataclass(frozen=True)
class NetworkSpec:
    """What networkd shall make.

    ``files``: name -> text. ``ports``: the physical ones. ``links``: VLAN interface -> (parent, id). ``addresses``:
    VLAN interface -> addresses with prefix lengths.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    ports: Sequence[str] = ()
    links: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)


def _json(*argv: str) -> list[dict[str, Any]]:
    done = run(["ip", "-j", *argv])
    found = json.loads(done.stdout or "[]") if done.rc == 0 else []
    return found if isinstance(found, list) else []


def knows_vlans() -> bool:
    """Whether this kernel has 802.1Q, loading its module where that helps."""
    if os.path.exists("/proc/net/vlan"):
        return True
    try:
        return run(["modprobe", "--quiet", "8021q"]).rc == 0 and os.path.exists("/proc/net/vlan")
    except NftError:
        return False


class Networkd:
    """This host's networkd, as far as files of our prefix go."""

    def __init__(self, folder: str = FOLDER) -> None:
        self.folder = folder

    def files(self) -> dict[str, str]:
        """Our files as they are: name -> text."""
        try:
            names = sorted(name for name in os.listdir(self.folder) if name.startswith(PREFIX))
        except FileNotFoundError:
            return {}
        contents = {name: observe(os.path.join(self.folder, name)).content for name in names}
        return {name: content.decode(errors="replace") for name, content in contents.items() if content is not None}

    def service(self) -> dict[str, bool]:
        """Whether networkd runs, and whether it is started at boot."""
        return {
            "active": run(["systemctl", "is-active", "--quiet", SERVICE]).rc == 0,
            "enabled": run(["systemctl", "is-enabled", "--quiet", SERVICE]).rc == 0,
        }

    def links(self) -> dict[str, tuple[str, int]]:
        """The VLAN interfaces that exist: name -> (parent, id)."""
        return {
            str(link["ifname"]): (str(link.get("link", "")), int(link["linkinfo"]["info_data"]["id"]))
            for link in _json("-d", "link", "show", "type", "vlan")
            if link.get("linkinfo", {}).get("info_kind") == "vlan"
        }

    def lacking(self, wanted: NetworkSpec) -> list[str]:
        """What of the wanted interfaces and addresses is not there, and what of a port's is."""
        tagged = knows_vlans()
        links = self.links() if tagged else {}
        lacking = [name for name, made in wanted.links.items() if tagged and links.get(name) != made]
        carried: dict[str, set[str]] = {}
        for link in _json("address", "show"):
            carried[str(link.get("ifname"))] = {
                f"{item.get('local')}/{item.get('prefixlen')}" for item in link.get("addr_info", ())
            }
        for port in wanted.ports:
            lacking += [f"{port} without {text}" for text in sorted(carried.get(port, set()))]
        for name, addresses in wanted.addresses.items() if tagged else ():
            if name not in lacking:
                lacking += [f"{name} {text}" for text in addresses if text not in carried.get(name, set())]
        return lacking

    def differs(self, wanted: NetworkSpec) -> bool:
        """Whether anything is not as wanted: a file, the service, an interface, an address."""
        if self.files() != dict(wanted.files):
            return True
        if not wanted.files:
            return False
        return not all(self.service().values()) or bool(self.lacking(wanted))

    def stale(self, wanted: NetworkSpec, files: Mapping[str, str]) -> list[str]:
        """Interfaces of ours that networkd would leave as they are though they are wanted otherwise or not at all."""
        links = self.links()
        ours = {found[1] for name, text in files.items() if name.endswith(".netdev") for found in _NAME.finditer(text)}
        kept = {found[1] for name, text in wanted.files.items() for found in _NAME.finditer(text)}
        gone = ours - kept
        other = {name for name, made in wanted.links.items() if name in links and links[name] != made}
        return sorted(gone | other)

    def make(self, wanted: NetworkSpec) -> None:
        """Write the files and have networkd follow them. Raises NftError when it does not."""
        before = self.files()
        stale = self.stale(wanted, before)
        os.makedirs(self.folder, exist_ok=True)
        for name in before:
            if name not in wanted.files:
                establish(os.path.join(self.folder, name), PathState(ABSENT))
        for name, text in wanted.files.items():
            establish(os.path.join(self.folder, name), PathState(FILE, 0o644, 0, 0, text.encode()))
        delete_links(stale)
        if not wanted.files:
            if self.service()["active"]:
                _must("networkctl", "reload")
            return
        _must("systemctl", "enable", "--quiet", SERVICE)
        if self.service()["active"]:
            _must("networkctl", "reload")
        else:
            _must("systemctl", "start", SERVICE)
        self._wait(wanted)

    def _wait(self, wanted: NetworkSpec) -> None:
        start = time.monotonic()
        urged = False
        while True:
            lacking = self.lacking(wanted)
            if not lacking:
                return
            waited = time.monotonic() - start
            if waited > _PATIENCE:
                raise NftError(f"systemd-networkd did not make {', '.join(lacking)} in {_PATIENCE:g} s")
            if waited > 3 and not urged:
                # What exists and has not changed is left alone by a reload, also where somebody took its addresses.
                urged = True
                # It also stops short of a port's old addresses where it cannot make the VLANs on it.
                for port in wanted.ports:
                    run(["ip", "address", "flush", "dev", port])
                names = [*wanted.ports, *(name for name in wanted.links if name in self.links())]
                run(["networkctl", "reconfigure", *names])
            time.sleep(0.3)

    def restoring(self, wanted: NetworkSpec, kept: str) -> list[str]:
        """The shell lines that put back files, interfaces, service and the ports' addresses as they are now.

        kept: a folder of ours with a copy of each of our present files.
        """
        before, service = self.files(), self.service()
        lines = [f"rm -f {self.folder}/{name}" for name in wanted.files if name not in before]
        lines += [f"cp -p {kept}/{name} {self.folder}/{name}" for name in before]
        links = self.links()
        made = [name for name in wanted.links if links.get(name) != wanted.links[name]]
        netdevs = _netdevs(wanted.files) - _netdevs(before)
        lines += [f"ip link delete {name}" for name in sorted({*made, *netdevs})]
        if service["active"]:
            lines.append("networkctl reload")
        elif wanted.files:
            lines.append(f"systemctl stop systemd-networkd.socket {SERVICE}")
        if not service["enabled"] and wanted.files:
            lines.append(f"systemctl disable --quiet {SERVICE}")
        return lines + _addresses(wanted.ports)


def _netdevs(files: Mapping[str, str]) -> set[str]:
    return {found[1] for name, text in files.items() if name.endswith(".netdev") for found in _NAME.finditer(text)}


def _addresses(ports: Iterable[str]) -> list[str]:
    """What gives ports the addresses and routes that they have now: who came in by one comes in by it again."""
    lines = []
    for port in ports:
        for link in _json("address", "show", "dev", port, "scope", "global"):
            # With a filter, iproute2 shows empty records for what it leaves out.
            carried = [item for item in link.get("addr_info", ()) if "local" in item]
            lines += [f"ip address replace {item['local']}/{item['prefixlen']} dev {port}" for item in carried]
        for version in ("-4", "-6"):
            done = run(["ip", version, "route", "show", "dev", port])
            for line in done.stdout.splitlines() if done.rc == 0 else ():
                words = line.split()
                if words and "kernel" not in words and "linkdown" not in words and "ra" not in words:
                    lines.append(f"ip {version} route replace {' '.join(words)} dev {port}")
    return lines


def delete_links(names: Iterable[str]) -> None:
    """Remove interfaces; those that are not there are none to remove."""
    for name in names:
        run(["ip", "link", "delete", name])


def _must(*argv: str) -> None:
    done = run(list(argv))
    if done.rc:
        raise NftError(f"{' '.join(argv)}: {done.stderr.strip() or f'exit status {done.rc}'}")
