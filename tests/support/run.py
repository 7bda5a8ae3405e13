# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the behaviour tests of one scenario and keeps their output in a log as well as printing it.

With ``--apart`` the tests of one host run beside those of the others, as far as a test looks at one host only (see
tests/behaviour/conftest.py); those that look at several come afterwards. Most of a behaviour test's time is waiting.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

#: pytest's exit status where nothing was collected.
NOTHING = 5


def session(config: str, hosts: str, suites: Sequence[str], part: str, output: int | None = None) -> tuple[int, str]:
    """Run pytest over folders; its exit status, and what it said where its output is taken.

    part: empty for all tests; ``together`` for those that look at several hosts; else the name of a part of the others.
    """
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--durations=8"]
    command += [f"--hosts={hosts}", f"--ssh-config={config}", *suites]
    environment = os.environ | {"RINGFENCE_PART": part}
    done = subprocess.run(
        command, stdout=output, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment, check=False
    )
    return done.returncode, done.stdout or ""


def main() -> int:
    """Run pytest over the named folders; the worst exit status is ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.run", description=__doc__)
    parser.add_argument("--log", type=Path, required=True, help="where the output is kept")
    parser.add_argument("--hosts", required=True, help="testinfra's host list")
    parser.add_argument("--ssh-config", required=True, help="the lab's ssh configuration")
    parser.add_argument("--apart", action="store_true", help="each host's tests of the first folder beside the others'")
    parser.add_argument("suites", help="folders with tests, separated by commas")
    args = parser.parse_args()
    hosts, suites = args.hosts.split(","), args.suites.split(",")
    args.log.parent.mkdir(parents=True, exist_ok=True)
    status = 0
    with args.log.open("w", encoding="utf-8") as log:

        def keep(said: str) -> None:
            log.write(said)
            log.flush()
            sys.stdout.write(said)

        if args.apart:
            with ThreadPoolExecutor() as lanes:
                each = [
                    lanes.submit(session, args.ssh_config, host, suites[:1], str(number), subprocess.PIPE)
                    for number, host in enumerate(hosts)
                ]
                for lane in each:
                    ended, said = lane.result()
                    status = max(status, 0 if ended == NOTHING else ended)
                    keep(said)
        ended, said = session(args.ssh_config, args.hosts, suites, "together" if args.apart else "", subprocess.PIPE)
        keep(said)
        return max(status, ended)


if __name__ == "__main__":
    sys.exit(main())
