# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans folders through the running scanner and locks away what it finds.

    python3 -I scan.py QUARANTINE PATH...

Every path that exists is read as root, links are not followed, and what is found is moved into QUARANTINE, where it
belongs to root and cannot be run. Findings go to the log with priority alert. Definitions that have just been fetched
are waited for. Ends with 0 when everything that could be read was scanned, whether anything was found or not, and with
1 when the scanner was not there to the end.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import subprocess
import sys
import time

SCANNER = "/usr/bin/clamdscan"
DEFINITIONS, LOG = "/var/lib/clamav", "/var/log/clamav/clamav.log"
ALERT, WARNING = "<1>", "<4>"


def log(priority: str, text: str) -> None:
    """One line for the journal; control characters of file names cannot make another."""
    print(priority + re.sub(r"[\x00-\x1f\x7f]", "?", text), flush=True)


def answers() -> bool:
    """Whether the scanner answers within some seconds."""
    done = subprocess.run([SCANNER, "--ping", "30:1"], capture_output=True, check=False)
    return done.returncode == 0


def fetched(folder: str) -> float:
    """When the newest definitions came, in seconds since the epoch."""
    with os.scandir(folder) as entries:
        return max(
            (entry.stat().st_ctime for entry in entries if entry.name.endswith((".cvd", ".cld", ".cud"))), default=0
        )


def loaded(log_text: str) -> float:
    """When the scanner last said that it has loaded its definitions; 0 when it never did."""
    last = 0.0
    for line in log_text.splitlines():
        when, _arrow, words = line.partition(" -> ")
        if re.match(r"Loaded \d+ signatures|Database correctly reloaded", words):
            try:
                last = time.mktime(time.strptime(when, "%a %b %d %H:%M:%S %Y"))
            except ValueError:
                continue
    return last


def wait_for_definitions(seconds: float = 180) -> None:
    """Let the scanner read what was fetched, but not for ever: scanning with old definitions is better than not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = ""
        # The older one, as the log may have been rotated since.
        for path in (f"{LOG}.1", LOG):
            with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8", errors="replace") as stream:
                text += stream.read()
        # The log has whole seconds.
        if loaded(text) >= int(fetched(DEFINITIONS)):
            return
        time.sleep(0.2)
    log(WARNING, "the scanner did not say that it has read the newest definitions")


def lock_away(quarantine: str) -> None:
    """Make every file in the quarantine root's, readable by root and good for nothing else."""
    for name in os.listdir(quarantine):
        path = os.path.join(quarantine, name)
        info = os.lstat(path)
        if stat.S_ISREG(info.st_mode) and (info.st_uid != 0 or stat.S_IMODE(info.st_mode) != 0o400):
            os.chown(path, 0, 0, follow_symlinks=False)
            os.chmod(path, 0o400)


def scan(quarantine: str, paths: list[str]) -> bool:
    """Scan paths; whether all of it was done."""
    argv = [
        SCANNER,
        "--fdpass",
        "--multiscan",
        "--infected",
        "--no-summary",
        "--stdout",
        f"--move={quarantine}",
        *paths,
    ]
    found = unread = 0
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as run:
        for line in run.stdout or ():
            text = line.rstrip("\n")
            if text.endswith(" FOUND"):
                found += 1
                log(ALERT, f"found: {text}")
            elif ": moved to " in text:
                log(ALERT, text)
            elif text and not text.endswith("Not supported file type"):  # sockets, pipes and devices
                unread += 1
                log(WARNING, text)
    lock_away(quarantine)
    # 2: some files could not be read, as they were gone by then, or the scanner was lost.
    complete = run.returncode in (0, 1) or (run.returncode == 2 and answers())
    summary = f"scanned {' '.join(paths)}: {found} found, {unread} remarks"
    log("<6>" if complete else WARNING, summary if complete else f"{summary}; not complete, the scanner was lost")
    return complete


def main() -> int:
    """Entry point."""
    quarantine, paths = sys.argv[1], [path for path in sys.argv[2:] if os.path.isdir(path)]
    if not answers():
        log(WARNING, "not scanned: the scanner does not answer")
        return 1
    wait_for_definitions()
    return 0 if not paths or scan(quarantine, paths) else 1


if __name__ == "__main__":
    sys.exit(main())
