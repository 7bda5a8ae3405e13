# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes how long each part of a test run took, one JSON line each, in the file named by RINGFENCE_SECONDS, if any.

A line has ``kind`` (step, gate, playbook or test), ``scenario`` (or an empty text), ``name``, ``begun`` (UTC),
``seconds`` and ``cpu``: the processor's seconds of the process that measured and of its children that have ended, where
that process did nothing else. What hosts of the lab compute is not in it; in a step's ``cpu`` is what all processors of
the machine computed meanwhile.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

PLACE = "RINGFENCE_SECONDS"


def _own_cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def machine_cpu() -> float:
    """The seconds that this machine's processors have computed since it started; waiting for disks is no computing."""
    words = Path("/proc/stat").read_text(encoding="ascii").split("\n", maxsplit=1)[0].split()
    # user, nice, system, then idle and iowait, irq, softirq, steal; guests are in user already.
    ticks = [int(word) for word in words[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


class Watch:
    """Runs from the moment it is made."""

    def __init__(self) -> None:
        self._begun = datetime.now(timezone.utc)
        self._clock = time.monotonic()
        self._cpu = _own_cpu()

    @property
    def seconds(self) -> float:
        """What it shows."""
        return time.monotonic() - self._clock

    @property
    def cpu(self) -> float:
        """The processor's seconds of this process and its children since then."""
        return _own_cpu() - self._cpu

    def note(self, kind: str, scenario: str, name: str, cpu: float | None) -> None:
        """Append what it shows to the file, where one is named."""
        place = os.environ.get(PLACE)
        if not place:
            return
        line = {
            "kind": kind,
            "scenario": scenario,
            "name": name,
            "begun": self._begun.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(self.seconds, 2),
            "cpu": None if cpu is None else round(cpu, 2),
        }
        # One write of one short line: lines of processes that append at once do not mix.
        with open(place, "a", encoding="utf-8") as noted:
            noted.write(json.dumps(line) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of such a file, in their order; none where it does not exist."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
