# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host of the lab: answers the prompts of programs on a terminal, one program after another.

Reads JSON from its input: a list of conversations {"argv": [...], "answers": [...]}. Writes a JSON list with ``output``
and ``rc`` of each. The next answer is typed when the program shows a prompt; a program that asks for more than there
are answers is hung up on.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sys
import time

PROMPT = re.compile(r"password[^:\n]*:\s*$", re.IGNORECASE)
LONGEST = 40.0


def converse(job, child, descriptor):
    """One conversation on a terminal."""
    output = fresh = ""
    answers = list(job["answers"])
    end = time.time() + LONGEST
    while time.time() < end:
        ready = select.select([descriptor], [], [], 0.5)[0]
        try:
            data = os.read(descriptor, 4096) if ready else None
        except OSError:
            break
        if data == b"":
            break
        text = (data or b"").decode(errors="replace")
        output, fresh = output + text, fresh + text
        if PROMPT.search(fresh):
            if not answers:
                break
            os.write(descriptor, answers.pop(0).encode() + b"\n")
            fresh = ""
    os.close(descriptor)
    for _turn in range(200):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.02)
    else:
        os.kill(child, 9)
        status = os.waitpid(child, 0)[1]
    return {"output": output, "rc": os.waitstatus_to_exitcode(status)}


def main():
    """Have all conversations."""
    said = []
    for job in json.load(sys.stdin):
        child, descriptor = pty.fork()
        if child == 0:
            os.execvp(job["argv"][0], job["argv"])  # noqa: S606  # a list of words of the tests' own
        said.append(converse(job, child, descriptor))
    json.dump(said, sys.stdout)


main()
