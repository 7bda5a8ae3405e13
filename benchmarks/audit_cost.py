# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit costs beside other ways to look at the same hosts: ratios, measured in turn in one run.

    make demo && .venv/bin/python benchmarks/audit_cost.py

Needs the demo call centre running. Each way runs several times, the ways taking turns; the figures are medians of the
wall clock, in ratio to a play that does nothing on the hosts (one ``raw: "true"``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SITE = REPOSITORY / "inventories" / "demo" / "site.yml"
ROUNDS = 5

PLAYS = {
    "a play with one raw: true": [{"name": "Floor", "ansible.builtin.raw": "true"}],
    "a play with one ping": [{"name": "Ping", "ansible.builtin.ping": {}}],
    "the audit's round trip": [
        {"name": "Audit", "ringfence.callcenter.audit": {"bundle": "{{ lookup('env', 'BENCHMARK_OUT') }}"}}
    ],
    "the same number of looks, one task each": [],
}


def checks() -> int:
    """How many checks the audit makes on a host of the demo."""
    rendered = json.loads((REPOSITORY / "catalog" / "default_checks.json").read_text(encoding="utf-8"))
    return len(rendered["checks"])


def timed(playbook: Path, out: Path) -> float:
    """The wall clock of one run of a playbook, in seconds."""
    lab = REPOSITORY / ".cache" / "lab" / "demo" / "ssh_config"
    environment = os.environ | {
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_SSH_ARGS": f"-F {lab}",
        "BENCHMARK_OUT": str(out),
    }
    begun = time.perf_counter()
    subprocess.run(
        [str(BIN / "ansible-playbook"), "-i", str(SITE), str(playbook)],
        cwd=REPOSITORY,
        env=environment,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


def main() -> int:
    """Measure the ways in turn and print the table."""
    count = checks()
    looks = [{"name": f"Look {number}", "ansible.builtin.stat": {"path": "/etc/passwd"}} for number in range(count)]
    PLAYS["the same number of looks, one task each"] = looks
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, Path] = {}
        for number, (name, tasks) in enumerate(PLAYS.items()):
            files[name] = Path(folder) / f"{number}.yml"
            play = [{"name": name, "hosts": "all", "gather_facts": False, "tasks": tasks}]
            files[name].write_text(json.dumps(play), encoding="utf-8")
        (Path(folder) / "out" / "hosts").mkdir(parents=True)
        seconds: dict[str, list[float]] = {name: [] for name in PLAYS}
        for turn in range(ROUNDS + 1):
            for name, path in files.items():
                took = timed(path, Path(folder) / "out")
                if turn:  # the first round opens the connections
                    seconds[name].append(took)
    floor = statistics.median(seconds["a play with one raw: true"])
    print(f"{count} checks a host, {ROUNDS} rounds, medians")
    for name, values in seconds.items():
        middle = statistics.median(values)
        print(f"{middle / floor:6.2f} x  {middle:6.2f} s  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
