# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other firewalls of this host: what the kernel has of them now, and what they load at boot."""

from __future__ import annotations

import re
from collections.abc import Collection

from . import _nft_others
from .base import Host, NotObservable

Accepted = Collection[tuple[str, str]]

#: Files that say which tables of iptables-legacy this network namespace has, and the program that lists their rules.
_LEGACY = {"/proc/net/ip_tables_names": "iptables-legacy-save", "/proc/net/ip6_tables_names": "ip6tables-legacy-save"}
#: What is another firewall as soon as it runs or boots.
_MANAGERS = ("firewalld.service", "ferm.service", "shorewall.service", "shorewall6.service")
_UFW, _PERSISTENT, _NFTABLES = "ufw.service", "netfilter-persistent.service", "nftables.service"
_SAVED = ("/etc/iptables/rules.v4", "/etc/iptables/rules.v6")
_CONF = "/etc/nftables.conf"
_SCRATCH = 'nft -f "$1" && nft -j list ruleset'


def ruleset(host: Host) -> str:
    """All tables of the kernel, as JSON. Raises NotObservable."""
    done = host.run("nft", "-j", "list", "ruleset", needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"nft list ruleset: {done.stderr.strip() or done.rc}")
    return done.stdout


def running(host: Host, accepted: Accepted = ()) -> list[str]:
    """What decides on packets beside our rules now, one text each."""
    found = [str(other) for other in _nft_others.others(ruleset(host), accepted)]
    for path, program in _LEGACY.items():
        for name in (host.read(path) or "").split():
            what = f"iptables-legacy table {name} ({path})"
            if not host.has(program):
                found.append(f"{what}: {program} is not there to show its rules")
            elif _decides(host.run(program, "-t", name, needs_root=True).stdout):
                found.append(what)
    return found


def _decides(saved: str) -> bool:
    """Whether a text of iptables-save holds a rule, or a policy other than ACCEPT."""
    return bool(re.search(r"^-A |^:\S+ (?!ACCEPT|-)", saved, re.MULTILINE))


def booting(host: Host, accepted: Accepted = ()) -> list[str]:
    """What loads other rules at boot, one text each."""
    enabled, active = _units(host)
    found = [name for name in _MANAGERS if name in enabled or name in active]
    if _UFW in enabled and re.search(r"^\s*ENABLED\s*=\s*[\"']?yes", host.read("/etc/ufw/ufw.conf") or "", re.M | re.I):
        found.append(f"{_UFW} (ENABLED=yes in /etc/ufw/ufw.conf)")
    if _PERSISTENT in enabled:
        found += [f"{_PERSISTENT} ({path})" for path in _SAVED if _decides(host.read(path) or "")]
    if _NFTABLES in enabled and host.read(_CONF) is not None:
        done = host.run("unshare", "--net", "sh", "-c", _SCRATCH, "sh", _CONF, needs_root=True)
        if done.rc == 0:
            others = _nft_others.others(done.stdout, accepted)
            found += [f"{_NFTABLES} ({_CONF}): {other}" for other in others]
    return found


def _units(host: Host) -> tuple[set[str], set[str]]:
    names = (*_MANAGERS, _UFW, _PERSISTENT, _NFTABLES)
    done = host.run("systemctl", "show", "--property=Id,UnitFileState,ActiveState", "--", *names)
    if done.rc != 0:
        raise NotObservable(f"systemctl show: {done.stderr.strip() or done.rc}")
    enabled, active = set(), set()
    for block in done.stdout.split("\n\n"):
        pairs = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if pairs.get("UnitFileState") == "enabled":
            enabled.add(pairs.get("Id", ""))
        if pairs.get("ActiveState") == "active":
            active.add(pairs.get("Id", ""))
    return enabled, active
