# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The negative control of a segmentation test: one way opened on purpose in the gateway's rules, and closed again.

A timer on the gateway is armed before the way is opened, so that it closes without anybody's help.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, run

COMMENT = "ringfence negative control"
UNIT = "ringfence-segmentation-control"
_CHAIN = ("inet", "ringfence", "forward")
_HANDLE = re.compile(rf'comment "{COMMENT}" # handle (\d+)')


def rules(source: str, target: str, port: int) -> list[str]:
    """The rules that let one host reach another at one TCP and UDP port and with echo requests."""
    family, icmp = ("ip6", "icmpv6") if ":" in target else ("ip", "icmp")
    ends = f"{family} saddr {source} {family} daddr {target}"
    return [
        f"{ends} meta l4proto {{ tcp, udp }} th dport {port}",
        f"{ends} {icmp} type echo-request",
    ]


def _planted() -> list[str]:
    done = run(["nft", "-a", "list", "chain", *_CHAIN])
    if done.rc:
        raise NftError(f"nft list chain {' '.join(_CHAIN)}: {done.stderr.strip()}")
    return _HANDLE.findall(done.stdout)


def plant(ends: list[dict[str, Any]], port: int, seconds: int) -> None:
    """Open the way for some seconds at most. ``ends``: dicts of source and target. Raises NftError."""
    remove()
    listed = f"nft -a list chain {' '.join(_CHAIN)}"
    found = f"sed -n 's/.*comment \"{COMMENT}\" # handle \\([0-9]*\\).*/delete rule {' '.join(_CHAIN)} handle \\1/p'"
    done = run(
        [
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit={UNIT}",
            "--description=Close what a segmentation test has opened on purpose",
            f"--on-active={seconds}s",
            "--timer-property=AccuracySec=100ms",
            "--",
            "/bin/sh",
            "-c",
            f"PATH=/usr/sbin:/usr/bin:/sbin:/bin; {listed} | {found} | nft -f -",
        ]
    )
    if done.rc:
        raise NftError(f"the closing timer cannot be armed, so nothing was opened: {done.stderr.strip()}")
    text = "".join(
        f'insert rule {" ".join(_CHAIN)} {match} counter accept comment "{COMMENT}"\n'
        for end in ends
        for match in rules(end["source"], end["target"], port)
    )
    loaded = run(["nft", "-f", "-"], text)
    if loaded.rc:
        _disarm()
        raise NftError(f"the way for the negative control cannot be opened: {loaded.stderr.strip()}")


def _disarm() -> None:
    run(["systemctl", "stop", f"{UNIT}.timer"])


def remove() -> int:
    """Close the way; how many rules that took. Raises NftError."""
    handles = _planted()
    if handles:
        text = "".join(f"delete rule {' '.join(_CHAIN)} handle {handle}\n" for handle in handles)
        done = run(["nft", "-f", "-"], text)
        if done.rc and _planted():
            raise NftError(f"what was opened on purpose cannot be closed: {done.stderr.strip()}")
    _disarm()
    return len(handles)
