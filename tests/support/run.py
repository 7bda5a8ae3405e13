# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the behaviour tests of one scenario and keeps their output in a log as well as printing it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run pytest over the named folders; its exit status is ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.run", description=__doc__)
    parser.add_argument("--log", type=Path, required=True, help="where the output is kept")
    parser.add_argument("--hosts", required=True, help="testinfra's host list")
    parser.add_argument("--ssh-config", required=True, help="the lab's ssh configuration")
    parser.add_argument("suites", help="folders with tests, separated by commas")
    args = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--durations=8"]
    command += [f"--hosts={args.hosts}", f"--ssh-config={args.ssh_config}", *args.suites.split(",")]
    args.log.parent.mkdir(parents=True, exist_ok=True)
    with (
        args.log.open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as tests,
    ):
        for line in tests.stdout or ():
            log.write(line)
            log.flush()
            sys.stdout.write(line)
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
