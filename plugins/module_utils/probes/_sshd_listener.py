# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running sshd says of the configuration it works by.

The daemon shows its arguments and the limits of MaxStartups as the title of its process, and systemd knows when it was
last started or told to read its files again.
"""

from __future__ import annotations

import re

#: Arguments that say nothing about the configuration.
_PLAIN = {"-D", "-e"}


def title(text: str) -> tuple[list[str], str]:
    """Arguments and limits in the title of a sshd: ``sshd: /usr/sbin/sshd -D [listener] 0 of 10-60 startups``."""
    match = re.fullmatch(r"sshd: (\S+)(.*) \[listener\] \d+ of (\d+-\d+) startups", text.replace("\0", " ").strip())
    if match is None:
        return [], ""
    return [word for word in match[2].split() if word not in _PLAIN], match[3]


def shown(text: str) -> tuple[int, int]:
    """The process and the second of the last start or reload, from ``systemctl show --timestamp=unix``; 0: none."""
    pairs = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    pid = pairs.get("MainPID", "0") if pairs.get("ActiveState") in ("active", "reloading") else "0"
    second = re.fullmatch(r"@(\d+)", pairs.get("StateChangeTimestamp", ""))
    return int(pid) if pid.isdigit() else 0, int(second[1]) if second else 0


#: The question to systemd that ``shown`` reads the answer of.
QUESTION = ("show", "--timestamp=unix", "--property=MainPID,ActiveState,StateChangeTimestamp", "--", "ssh.service")


def limits(startups: str) -> str:
    """What the title of a daemon shows for a MaxStartups."""
    parts = startups.split(":")
    return f"{parts[0]}-{parts[-1]}"
