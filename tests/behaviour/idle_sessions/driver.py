# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host of the lab: keeps sessions open, busy or idle, and tells how long each lasted.

Reads JSON from its input: a list of sessions {"argv": [...], "terminal": whether it gets one, "type": text, "every":
seconds between two times of typing it, 0 for once only, "watch": seconds to watch it for}. A terminal may be
"console" as well: systemd runs the words there as a session like one that was logged in to on a console. Writes a JSON
list with ``lasted`` (seconds until it ended, null when it was still there in the end) and ``output``.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time


def opened(job):
    """The process and two descriptors: what it says, and where to type."""
    if job["terminal"] == "console":
        terminal, inner = pty.openpty()
        words = [
            "systemd-run",
            "--wait",
            "--collect",
            "--quiet",
            "--property=PAMName=login",
            "--property=StandardInput=tty",
        ]
        words += ["--property=StandardOutput=tty", f"--property=TTYPath={os.ttyname(inner)}", *job["argv"]]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL).pid, terminal, terminal
    if job["terminal"]:
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(job["argv"][0], job["argv"])  # noqa: S606  # a list of words of the tests' own
        return child, terminal, terminal
    process = subprocess.Popen(job["argv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return process.pid, process.stdout.fileno(), process.stdin.fileno()


def attend(job, child, heard, typed):
    """Watch one session."""
    begun = time.time()
    text, last, lasted = "", None, None
    while time.time() < begun + job["watch"]:
        now = time.time()
        if job["type"] and (
            (last is None and now > begun + 1) or (last and job["every"] and now > last + job["every"])
        ):
            last = now
            try:
                os.write(typed, job["type"].encode())
            except OSError:
                lasted = time.time() - begun
                break
        if os.waitpid(child, os.WNOHANG)[0]:
            lasted = time.time() - begun
            break
        if select.select([heard], [], [], 0.2)[0]:
            try:
                data = os.read(heard, 4096)
            except OSError:
                data = b""
            if not data:
                lasted = time.time() - begun
                break
            text += data.decode(errors="replace")
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return {"lasted": lasted, "output": text}


def main():
    """Keep all sessions at the same time."""
    jobs = json.load(sys.stdin)
    results = [None] * len(jobs)

    def run(index, job, place):
        results[index] = attend(job, *place)

    threads = []
    for index, job in enumerate(jobs):
        threads.append(threading.Thread(target=run, args=(index, job, opened(job))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    json.dump(results, sys.stdout)


main()
