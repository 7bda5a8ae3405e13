# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands: as ourselves or, where it needs root, through sudo. A failure becomes a sentence, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LAST_LINES = 12
_KEPT_BY_SUDO = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class LabError(Exception):
    """What the user is told instead of a traceback.

    :param sentence: what failed and what to do about it.
    :param output: output of the command that failed; its last lines are shown.
    :param status: exit status of the program: 1 for a failure, 3 when this machine can't do what was asked.
    """

    def __init__(self, sentence: str, output: str = "", status: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.output = output
        self.status = status

    def __str__(self) -> str:
        """Return the sentence, followed by the last lines of the command's output."""
        lines = [line.rstrip() for line in self.output.splitlines() if line.strip()][-LAST_LINES:]
        return "\n".join([self.sentence, *("    " + line for line in lines)])


def is_root() -> bool:
    """Tell whether this process is root."""
    return os.geteuid() == 0


def as_root(argv: Sequence[str]) -> list[str]:
    """Return the command as root runs it: unchanged for root, through sudo for everybody else."""
    if is_root():
        return list(argv)
    kept = [name for name in _KEPT_BY_SUDO if name in os.environ]
    return ["sudo", *([f"--preserve-env={','.join(kept)}"] if kept else []), "--", *argv]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with the folders of system programs in PATH and messages in English."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    folders = path.split(os.pathsep)
    for folder in ("/usr/local/sbin", "/usr/sbin", "/sbin"):
        if folder not in folders:
            folders.append(folder)
    return {**os.environ, "PATH": os.pathsep.join(folders), "LC_ALL": "C.UTF-8", **(extra or {})}


def which(name: str) -> str | None:
    """Return where a program lies, system programs included, or None."""
    return shutil.which(name, path=environment()["PATH"])


def attempt(
    argv: Sequence[str],
    *,
    root: bool = False,
    stdin: str = "",
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command and return what came of it, its stderr appended to its stdout; status 124 when it took too long."""
    command = as_root(argv) if root else list(argv)
    try:
        return subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment(env),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        text = output.decode(errors="replace") if isinstance(output, bytes) else output
        return subprocess.CompletedProcess(command, 124, text + f"\nno end after {timeout:.0f} s")
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, f"{command[0]}: command not found")


def run(
    argv: Sequence[str],
    sentence: str,
    *,
    root: bool = False,
    stdin: str = "",
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
    status: int = 1,
) -> str:
    """Run a command and return its output.

    :param sentence: what the user is told when it fails, before its last lines.
    :raises LabError: when it fails, is missing or takes longer than ``timeout`` seconds.
    """
    done = attempt(argv, root=root, stdin=stdin, timeout=timeout, env=env)
    if done.returncode != 0:
        raise LabError(f"{sentence} ({' '.join(argv[:3])} …: exit status {done.returncode})", done.stdout, status)
    return done.stdout


def run_logged(argv: Sequence[str], log: Path, sentence: str, *, env: Mapping[str, str] | None = None) -> None:
    """Run a long command with its output in a file, whose last lines are shown when it fails.

    :raises LabError: when it fails; the sentence names the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as out:
        try:
            status = subprocess.run(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(env),
                check=False,
            ).returncode
        except FileNotFoundError:
            status = 127
            out.write(f"{argv[0]}: command not found\n")
    if status != 0:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise LabError(f"{sentence} (exit status {status}, all of it in {log})", text)
