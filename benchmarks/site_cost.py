# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of site.yml with nothing to change costs, in ratio to a play that does nothing; and its round trips.

    make demo && .venv/bin/python benchmarks/site_cost.py [--against CHECKOUT] [--write]

Needs the demo call centre running and hardened. The ways take turns; the figures are medians. Seconds of processor are
those of the controller's processes and of the hosts' control groups. A round trip is one call of ssh.
CHECKOUT is another checkout of the project with a .venv, whose site.yml is measured in turn with this one's, as far as
both keep these hosts alike. --write keeps the figures in benchmarks/results/site_cost.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results" / "site_cost.json"
SITE = REPOSITORY / "inventories" / "demo" / "site.yml"
LAB = "ringfence-demo-"
ROUNDS = 3
#: Counts its calls, beside what it hands on.
_SSH = '#!/bin/sh\necho >> "$RINGFENCE_CALLS"\nexec ssh "$@"\n'


@dataclass
class Way:
    """One thing to run, and what it took: medians are made of the lists."""

    name: str
    checkout: Path
    arguments: list[str]
    seconds: list[float] = field(default_factory=list)
    controller: list[float] = field(default_factory=list)
    hosts: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Medians: seconds, seconds of processor of controller and hosts, round trips."""
        return {
            "seconds": round(statistics.median(self.seconds), 2),
            "controller_cpu": round(statistics.median(self.controller), 2),
            "hosts_cpu": round(statistics.median(self.hosts), 2),
            "round_trips": statistics.median(self.calls),
        }


def containers() -> list[str]:
    """The ids of the demo's hosts."""
    listed = subprocess.run(
        ["podman", "ps", "--no-trunc", "--filter", f"name={LAB}", "--format", "{{.ID}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()


def used_by(ids: list[str]) -> float:
    """The processor's seconds that containers have used so far, by the kernel's count, cgroup v1 or v2."""
    total = 0.0
    for one in ids:
        for path in Path("/sys/fs/cgroup").glob(f"**/*{one}*/cpuacct.usage"):
            total += int(path.read_text(encoding="ascii")) / 1e9
            break
        else:
            for path in Path("/sys/fs/cgroup").glob(f"**/*{one}*/cpu.stat"):
                numbers = dict(line.split() for line in path.read_text(encoding="ascii").splitlines())
                total += int(numbers.get("usage_usec", 0)) / 1e6
                break
    return total


@contextmanager
def counted(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which calls of ssh are counted, each a line of the file ``calls``."""
    ssh, calls = folder / "ssh", folder / "calls"
    ssh.write_text(_SSH, encoding="utf-8")
    ssh.chmod(0o755)
    calls.write_text("", encoding="utf-8")
    lab = REPOSITORY / ".cache" / "lab" / "demo" / "ssh_config"
    yield {"ANSIBLE_SSH_EXECUTABLE": str(ssh), "RINGFENCE_CALLS": str(calls), "ANSIBLE_SSH_ARGS": f"-F {lab}"}


def run(way: Way, folder: Path, ids: list[str]) -> None:
    """Run one way once and note what it took."""
    with counted(folder) as environment:
        hosts, before = used_by(ids), resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        subprocess.run(
            [str(way.checkout / ".venv" / "bin" / "ansible-playbook"), "-i", str(SITE), *way.arguments],
            cwd=way.checkout,
            env=os.environ | {"ANSIBLE_CONFIG": str(way.checkout / "ansible.cfg")} | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        way.seconds.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        way.controller.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        way.hosts.append(used_by(ids) - hosts)
        way.calls.append(len((folder / "calls").read_text(encoding="utf-8").splitlines()))


def ways(folder: Path, against: Path | None) -> list[Way]:
    """What is measured."""
    plays = {
        "a play that does nothing": [],
        "a play with one raw: true": [{"name": "Raw", "ansible.builtin.raw": "true"}],
    }
    found = []
    for number, (name, tasks) in enumerate(plays.items()):
        path = folder / f"{number}.yml"
        play = {"name": name, "hosts": "db1", "gather_facts": False, "tasks": tasks}
        path.write_text(json.dumps([play]), encoding="utf-8")
        found.append(Way(name, REPOSITORY, [str(path)]))
    checkouts = {"site.yml": REPOSITORY} | ({"site.yml of the other checkout": against} if against else {})
    for name, checkout in checkouts.items():
        site = str(checkout / "playbooks" / "site.yml")
        found += [Way(f"{name}, db1", checkout, [site, "--limit", "db1"]), Way(f"{name}, six hosts", checkout, [site])]
    return found


def main() -> int:
    """Measure the ways in turn and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/site_cost.py", description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {RESULTS.relative_to(REPOSITORY)}")
    args = parser.parse_args()
    ids = containers()
    with tempfile.TemporaryDirectory() as name:
        measured = ways(Path(name), args.against)
        for turn in range(ROUNDS + 1):
            for way in measured:
                run(way, Path(name), ids)
                if not turn:  # the first round opens the connections
                    way.seconds, way.controller, way.hosts, way.calls = [], [], [], []
    found = {way.name: way.figures() for way in measured}
    floor = found["a play that does nothing"]["seconds"]
    for name, one in found.items():
        cpu = one["controller_cpu"] + one["hosts_cpu"]
        print(
            f"{one['seconds'] / floor:6.2f} x {one['seconds']:6.2f} s, {cpu:6.2f} processor-seconds"
            f" ({one['controller_cpu']:.2f} + {one['hosts_cpu']:.2f}), {one['round_trips']:.0f} round trips  {name}"
        )
    if args.write:
        machine = {"processors": os.cpu_count(), "python": platform.python_version(), "rounds": ROUNDS}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": machine, "ways": found}, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
