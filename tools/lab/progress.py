# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbered progress lines with their times; on a terminal the running step shows its seconds as they pass."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Step:
    """One step while it runs; what it writes to ``note`` is shown at the end of its line."""

    def __init__(self) -> None:
        self.note = ""


class Steps:
    """The steps of a command.

    :param total: how many there will be.
    :param out: where the lines go.
    """

    def __init__(self, total: int, out: TextIO | None = None) -> None:
        self.total = total
        self.number = 0
        self.out = out or sys.stdout

    @contextmanager
    def step(self, title: str, watch: Sequence[Path] = ()) -> Iterator[Step]:
        """Show a step while the body runs.

        :param watch: logs whose last line says how far the step is; shown on a terminal.
        """
        self.number += 1
        head = f"[{self.number}/{self.total}] {title} … "
        started = time.monotonic()
        step, over = Step(), threading.Event()
        self._write(head)
        ticker = threading.Thread(target=self._tick, args=(head, started, over, watch), daemon=True)
        if self.out.isatty():
            ticker.start()
        outcome = "failed after "
        try:
            yield step
            outcome = ""
        finally:
            over.set()
            if ticker.ident is not None:
                ticker.join()
                self._write(f"\r\033[K{head}")
            note = f"  ({step.note})" if step.note and not outcome else ""
            self._write(f"{outcome}{time.monotonic() - started:.1f} s{note}\n")

    def _tick(self, head: str, started: float, over: threading.Event, watch: Sequence[Path]) -> None:
        while not over.wait(1.0):
            tail = " | ".join(filter(None, (last_line(path) for path in watch)))
            self._write(f"\r\033[K{head}{time.monotonic() - started:.0f} s  {tail[:100]}")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


def last_line(path: Path, most: int = 48) -> str:
    """Return the end of the last line that a log has now, '' when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, 2)
            log.seek(max(0, log.tell() - 2048))
            lines = log.read().decode(errors="replace").replace("\r", "\n").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:most] for line in reversed(lines) if line.strip()), "")


def side_by_side(*tasks: Callable[[], None]) -> None:
    """Run tasks at the same time and wait for all; the first failure, in the order given, is raised."""
    failures: list[BaseException | None] = [None] * len(tasks)

    def work(number: int) -> None:
        try:
            tasks[number]()
        except BaseException as error:  # handed to the caller below
            failures[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        if failure is not None:
            raise failure
