# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate is, and how one runs a command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.repository import Repository

#: Colours and links that some tools print even into a pipe.
_ESCAPES = re.compile(r"\x1b(\[[0-9;]*[A-Za-z]|\]8;[^\x07\x1b]*(\x07|\x1b\\))")

#: The folder of the tools installed beside the Python that runs the gates.
TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Gate:
    """One thing that must hold for the whole tree.

    name: as given on the command line, unique.
    check: returns what is wrong, one text a problem, nothing when the gate is passed.
    seconds: about how long it takes on two cores; the longest are started first.
    remembered: a green outcome holds until some file changes (not under CI=true).
    """

    name: str
    check: Callable[[Repository], Sequence[str]]
    seconds: int = 1
    remembered: bool = False


@dataclass(frozen=True)
class Ran:
    """A command that ended: its exit status, and standard output and error as they came."""

    status: int
    output: str


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    timeout: float = 900.0,
) -> Ran:
    """Run a tool of ours (looked for beside the running Python, then in PATH) without colours or a terminal."""
    full = {
        **os.environ,
        "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
        # A wide "terminal", so that no tool folds its lines.
        "COLUMNS": "250",
        **(environment or {}),
    }
    # Some of our tools colour their output whenever this is set, whatever its value.
    full.pop("FORCE_COLOR", None)
    try:
        done = subprocess.run(
            list(argv),
            cwd=folder,
            env=full,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        return Ran(127, f"{argv[0]} is not installed: run `make venv` (see requirements.txt)\n")
    except subprocess.TimeoutExpired:
        return Ran(124, f"{' '.join(argv)} did not end in {timeout:g} s\n")
    return Ran(done.returncode, _ESCAPES.sub("", done.stdout))


def command(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """What a tool says when its exit status is not 0."""
    done = run(argv, folder=folder, environment=environment)
    return [] if done.status == 0 else [done.output.strip() or f"{argv[0]} ended with status {done.status}"]
