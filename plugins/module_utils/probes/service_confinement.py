# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``service_confinement``: whether services are confined to what they need, by systemd and in the kernel.

Parameters: ``units`` (unit -> {capabilities: list of CAP_ names, own_mounts: bool, default true}). Observes ``units``
(sorted names of those that systemd knows), ``settings`` and ``processes``: sorted texts ``UNIT: what is open``, of how
systemd would start each unit now, and of the main process of each that runs. Units that are not there are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_PROPERTIES = (
    "Id,LoadState,MainPID,NoNewPrivileges,CapabilityBoundingSet,SystemCallFilter,RestrictAddressFamilies,ProtectSystem"
)
#: By their number in the kernel's masks (linux/capability.h).
# fmt: off
_CAPABILITIES = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
)
# fmt: on


def _names(mask: int) -> set[str]:
    return {f"CAP_{name.upper()}" for number, name in enumerate(_CAPABILITIES) if mask >> number & 1}


def _settings(shown: Mapping[str, str], needs: Mapping[str, Any]) -> Iterator[str]:
    """What systemd leaves open when it starts a unit."""
    if shown.get("NoNewPrivileges") != "yes":
        yield "new privileges"
    # What it cannot name (no bounding set at all) is everything.
    more = set(shown.get("CapabilityBoundingSet", "everything").upper().split()) - set(needs.get("capabilities", []))
    yield from sorted(more)
    # A list of what is forbidden, with nothing in it, is shown as a tilde.
    if shown.get("SystemCallFilter", "~") in ("", "~"):
        yield "every system call"
    if shown.get("RestrictAddressFamilies", "~") == "~":
        yield "every family of sockets"
    if needs.get("own_mounts", True) and shown.get("ProtectSystem") != "strict":
        yield "writing to the file system"


def _process(host: Host, pid: str, needs: Mapping[str, Any]) -> Iterator[str]:
    """What the kernel leaves open to a process."""
    status = dict(re.findall(r"^(\w+):\s*(\S+)$", host.read(f"/proc/{pid}/status") or "", re.MULTILINE))
    if not status:
        return
    if status.get("NoNewPrivs") != "1":
        yield "new privileges"
    more = _names(int(status.get("CapBnd", "0"), 16)) - set(needs.get("capabilities", []))
    yield from sorted(more)
    if status.get("Seccomp") != "2":
        yield "every system call"


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask systemd and the kernel."""
    units: Mapping[str, Mapping[str, Any]] = params["units"]
    done = host.run("systemctl", "show", f"--property={_PROPERTIES}", "--", *sorted(units))
    if done.rc != 0:
        raise NotObservable(f"systemctl show: {done.stderr.strip() or done.rc}")
    seen, settings, processes = [], [], []
    for block in done.stdout.split("\n\n"):
        shown = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        name = shown.get("Id", "")
        if shown.get("LoadState") != "loaded" or name not in units:
            continue
        seen.append(name)
        settings += [f"{name}: {text}" for text in _settings(shown, units[name])]
        pid = shown.get("MainPID", "0")
        if pid != "0":
            processes += [f"{name}: {text}" for text in _process(host, pid, units[name])]
    return Observation(
        {"units": sorted(seen), "settings": sorted(settings), "processes": sorted(processes)},
        "systemctl show, /proc/PID/status",
    )
