# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: from a bare machine to the demo call centre, hardened and audited, with its report."""

from __future__ import annotations

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
    steps = Steps(ready.STEPS + 3)
    found = ready.ready(steps)
    with steps.step("hosts and networks") as step:
        spec = site.read(SITE, NAME)
        kernel.ensure()
        todo = Lab(found, NAME).up(spec)
        step.note = f"{len(todo.create_hosts)} of {len(spec.hosts)} hosts started" if todo else "unchanged"
    with steps.step("harden every host (playbooks/site.yml)", [logs / "site.log"]) as step:
        status, output = _playbook("site.yml", logs / "site.log")
        if status != 0:
            raise LabError(f"The playbook ended with status {status} (all of it in {logs / 'site.log'}).", output)
        counts = changed(output)
        step.note = f"{sum(counts.values())} changed on {len(counts)} hosts"
    with steps.step("audit (playbooks/audit.yml)", [logs / "audit.log"]) as step:
        status, output = _playbook("audit.yml", logs / "audit.log")
        step.note = f"exit status {status}" if status else ""
    print()
    print(summary(output))
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


def _playbook(name: str, log: Path) -> tuple[int, str]:
    """Run a playbook of the collection over the demo site, its output in a log; returns exit status and output."""
    env = {
        "ANSIBLE_CONFIG": str(paths.ROOT / "ansible.cfg"),
        "ANSIBLE_SSH_ARGS": access.ssh_args(NAME),
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
    # The program by its interpreter: a shebang line breaks where the checkout's path is long.
    argv = [str(paths.VENV / "bin" / "python"), "-m", "ansible", "playbook", "-i", str(SITE)]
    argv.append(str(paths.ROOT / "playbooks" / name))
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
