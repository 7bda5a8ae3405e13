# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel settings of this machine that the lab needs: raised while hosts exist, put back with the last one."""

from __future__ import annotations

from pathlib import Path

from . import state
from .run import attempt, run

# With fewer inotify instances some of several systemd containers that start at once hang in their boot for ever.
# Without nf_log_all_netns the kernel drops the log messages of nftables rules in containers.
NEEDED = {"fs.inotify.max_user_instances": 1024, "net.netfilter.nf_log_all_netns": 1}


def to_raise(needed: dict[str, int], current: dict[str, int]) -> dict[str, int]:
    """Return the settings that are lower than needed; one that this kernel does not have is left out."""
    return {name: value for name, value in needed.items() if name in current and current[name] < value}


def to_restore(saved: dict[str, int], current: dict[str, int], needed: dict[str, int]) -> dict[str, int]:
    """Return the settings to put back: those still at the value that the lab gave them."""
    return {name: value for name, value in saved.items() if name in current and current[name] == needed.get(name)}


def _current(names: list[str]) -> dict[str, int]:
    found = {}
    for name in names:
        try:
            found[name] = int(Path("/proc/sys", *name.split(".")).read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return found


def ensure() -> list[str]:
    """Raise what is too low, remembering what it was; returns the names that were changed."""
    if not Path("/proc/sys/net/netfilter/nf_log_all_netns").exists():
        attempt(["modprobe", "nf_tables"], root=True)
    current = _current(list(NEEDED))
    changes = to_raise(NEEDED, current)
    if changes:
        saved = state.load().get("kernel", {})
        state.update(kernel={**{name: current[name] for name in changes}, **saved})
        _set(changes)
    return sorted(changes)


def restore() -> list[str]:
    """Put back what `ensure` changed; returns the names that were changed."""
    saved = state.load().get("kernel", {})
    changes = to_restore(saved, _current(list(saved)), NEEDED)
    if changes:
        _set(changes)
    if saved:
        state.update(kernel={})
    return sorted(changes)


def _set(values: dict[str, int]) -> None:
    assignments = [f"{name}={value}" for name, value in sorted(values.items())]
    run(["sysctl", "-q", "-w", *assignments], "A kernel setting of this machine could not be changed.", root=True)
