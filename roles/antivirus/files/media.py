# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans what is mounted below some folders as soon as it is mounted.

    python3 -I media.py QUARANTINE FOLDER...

The kernel tells of every change of the mount table; each mount that is new below one of the folders is scanned by
scan.py beside this file. What is mounted already when this starts counts as new. Ends when the table cannot be read.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys

TABLE = "/proc/self/mountinfo"
SCAN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scan.py")


def mounts(table: str, folders: list[str]) -> dict[str, str]:
    """The mounts below folders in the text of mountinfo: the mount's number -> the folder it is mounted on."""
    found = {}
    for line in table.splitlines():
        fields = line.split(" ")
        path = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
        if any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders):
            found[fields[0]] = path
    return found


def main() -> None:
    """Wait for mounts for ever."""
    quarantine, folders = sys.argv[1], [os.path.realpath(folder) for folder in sys.argv[2:]]
    known: dict[str, str] = {}
    with open(TABLE, encoding="utf-8", errors="surrogateescape") as stream:
        poll = select.poll()
        poll.register(stream, select.POLLERR | select.POLLPRI)
        while True:
            stream.seek(0)
            now = mounts(stream.read(), folders)
            new = [path for number, path in now.items() if known.get(number) != path]
            known = now
            if not new:
                poll.poll()
            for path in sorted(set(new)):
                print(f"mounted: {path.encode(errors='replace').decode()}", flush=True)
                done = subprocess.run([sys.executable, "-I", SCAN, quarantine, path], check=False)
                if done.returncode != 0:
                    # Tried again with the next change, and at the latest when this is started again.
                    known = {number: seen for number, seen in known.items() if seen != path}
                    poll.poll(30_000)


if __name__ == "__main__":
    main()
