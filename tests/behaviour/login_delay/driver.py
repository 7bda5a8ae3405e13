# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host of the lab: types passwords at real prompts, on a terminal each, and times them.

Reads JSON from its input: a list of attempts {"argv": [...], "password": text, "tries": how often to type it, "after":
in which second from the start to begin}. Writes a
JSON list: for each attempt ``output``, ``rc`` and ``pauses``, one for each password typed: ``started`` (when the
conversation began), ``typed`` and ``seconds`` until the program had something to say.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sys
import threading
import time

PROMPT = re.compile(r"password[^:\n]*:\s*$", re.IGNORECASE)
LONGEST = 60.0


class Terminal:
    """What a program on a terminal says: all of it, and what came since the last look."""

    def __init__(self, descriptor, child, end):
        self.descriptor, self.child, self.end = descriptor, child, end
        self.output = ""
        self.fresh = ""

    def wait(self, done):
        """Read until done(fresh text) holds; False when the program ended or the time is up."""
        while not done(self.fresh):
            ready = select.select([self.descriptor], [], [], max(0.0, self.end - time.time()))[0]
            try:
                data = os.read(self.descriptor, 4096) if ready else b""
            except OSError:
                # login hangs its terminal up and opens it again: only without the program is this the end.
                if time.time() < self.end and not os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    time.sleep(0.02)
                    continue
                data = b""
            if not data:
                return False
            text = data.decode(errors="replace")
            self.output += text
            self.fresh += text
        return True


def attempt(job, child, descriptor, started):
    """One conversation, begun at ``started``: type the password at each prompt."""
    terminal = Terminal(descriptor, child, time.time() + LONGEST)
    pauses = []
    while len(pauses) < job["tries"] and terminal.wait(PROMPT.search):
        terminal.fresh = ""
        typed = time.time()
        os.write(descriptor, job["password"].encode() + b"\n")
        # The terminal echoes the end of the line at once; words, or the end, come after the pause.
        talking = terminal.wait(str.strip)
        pauses.append({"started": started, "typed": typed, "seconds": time.time() - typed})
        # The program goes on as soon as it has spoken, a busy machine tells us later.
        started = time.time() - 0.5
        if not talking:
            break
    # What it still has to say; a login prompt would wait for ever for another name.
    terminal.end = time.time() + 2
    terminal.wait(lambda _text: False)
    os.close(descriptor)
    for _turn in range(100):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.02)
    else:
        os.kill(child, 9)
        status = os.waitpid(child, 0)[1]
    return {"output": terminal.output, "rc": os.waitstatus_to_exitcode(status), "pauses": pauses}


def main():
    """Run all attempts, each in its second."""
    jobs = json.load(sys.stdin)
    results = [None] * len(jobs)

    def run(index, job, child, terminal, began):
        results[index] = attempt(job, child, terminal, began)

    # libpam's jitter may follow the clock's second: begin early in one, so that it is known which.
    first = int(time.time()) + 1.02
    threads = []
    for index, job in sorted(enumerate(jobs), key=lambda numbered: numbered[1]["after"]):
        time.sleep(max(0.0, first + job["after"] - time.time()))
        began = time.time()
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(job["argv"][0], job["argv"])  # noqa: S606  # a list of words of the tests' own
        threads.append(threading.Thread(target=run, args=(index, job, child, terminal, began)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    json.dump(results, sys.stdout)


main()
