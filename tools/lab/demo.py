# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: from a bare machine to the demo call centre, hardened and audited, with its report."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

from . import access, kernel, paths, ready, site
from .hosts import Lab
from .progress import Steps
from .run import LabError, environment

NAME = "demo"
SITE = paths.ROOT / "inventories" / "demo" / "site.yml"
PLAYBOOKS = paths.ROOT / "playbooks"
#: What fills the views of the report that an audit alone leaves empty: each playbook leaves a record of itself.
ACTIVITIES = ("firewall_review", "segmentation_test")
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


def changed(output: str) -> dict[str, int]:
    """Return {host: number of changed tasks} from the recap that ansible-playbook prints."""
    return {match.group(1): int(match.group(3)) for match in _RECAP.finditer(output) if match.group(1) != "localhost"}


def main() -> int:
    """Run all steps; returns the exit status of the audit.

    :raises LabError: when a step fails.
    """
    started = time.monotonic()
    logs = paths.CACHE / "logs"
    steps = Steps(ready.STEPS + 4 + len(ACTIVITIES))
    found = ready.ready(steps)
    with steps.step("hosts and networks") as step:
        spec = site.read(SITE, NAME)
        kernel.ensure()
        todo = Lab(found, NAME).up(spec)
        step.note = f"{len(todo.create_hosts)} of {len(spec.hosts)} hosts started" if todo else "unchanged"
    with steps.step("harden every host (playbooks/site.yml)", [logs / "site.log"]) as step:
        counts = changed(_must(PLAYBOOKS / "site.yml", logs / "site.log"))
        step.note = f"{sum(counts.values())} changed on {len(counts)} hosts"
    with steps.step("example registers (tools/lab/demo_registers.yml)", [logs / "registers.log"]):
        _must(Path(__file__).with_name("demo_registers.yml"), logs / "registers.log", folder=paths.lab_folder(NAME))
    for name in ACTIVITIES:
        with steps.step(f"{name.replace('_', ' ')} (playbooks/{name}.yml)", [logs / f"{name}.log"]):
            _must(PLAYBOOKS / f"{name}.yml", logs / f"{name}.log")
    with steps.step("audit (playbooks/audit.yml)", [logs / "audit.log"]) as step:
        told = {"audit_registers_dir": paths.lab_folder(NAME) / "registers"}
        status, output = _playbook(PLAYBOOKS / "audit.yml", logs / "audit.log", **told)
        step.note = f"exit status {status}" if status else ""
    print()
    print(summary(output))
    print("The exceptions and attestations of the demo are examples: nobody answers for them.")
    print(f"\nAll of it took {time.monotonic() - started:.0f} s. Look into a host: ssh -F {_short('ssh_config')} HOST")
    print("Remove it all: make demo-down")
    return status


def summary(output: str) -> str:
    """Return what the audit says to a person: its output from the first table on, without Ansible's own lines."""
    kept = []
    for line in output.splitlines():
        if line.startswith(("PLAY RECAP", "PLAYBOOK RECAP")):
            break
        if not line.startswith(("PLAY ", "TASK ", "ok: ", "changed: ", "included: ", "skipping: ", "[WARNING]")):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _must(playbook: Path, log: Path, **variables: Path) -> str:
    """Run a playbook that has to end well; returns its output.

    :raises LabError: when it does not.
    """
    status, output = _playbook(playbook, log, **variables)
    if status != 0:
        raise LabError(f"The playbook {playbook.name} ended with status {status} (all of it in {log}).", output)
    return output


def _playbook(playbook: Path, log: Path, **variables: Path) -> tuple[int, str]:
    """Run a playbook over the demo site, its output in a log; returns exit status and output."""
    env = {
        "ANSIBLE_CONFIG": str(paths.ROOT / "ansible.cfg"),
        "ANSIBLE_SSH_ARGS": access.ssh_args(NAME),
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
    # The program by its interpreter: a shebang line breaks where the checkout's path is long.
    argv = [str(paths.VENV / "bin" / "python"), "-m", "ansible", "playbook", "-i", str(SITE)]
    argv += [str(playbook), "-e", json.dumps({name: str(value) for name, value in variables.items()})]
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            argv,
            cwd=paths.ROOT,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode, log.read_text(encoding="utf-8", errors="replace")


def _short(name: str) -> Path:
    path = paths.lab_folder(NAME) / name
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
