# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report of a large audit costs: its size, the time to make it, and the times of a reader in Chromium.

    PYTHONPATH=.venv/collections .venv/bin/python -m benchmarks.report_size [HOSTS [CHECKS]]

The times are of the wall clock, so on a machine that others use they are an upper bound. Each is until the page has
painted what was asked for.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import html
from benchmarks import large_bundle
from benchmarks.devtools import Browser

PAINTED = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
#: Waits until the address has been acted upon, and until the page has said how many it found.
GONE = "await new Promise((done) => addEventListener('hashchange', done, {once: true}));"
SAID = (
    "await new Promise((done) => new MutationObserver(done)"
    ".observe(document.getElementById('live'), {childList: true, characterData: true, subtree: true}));"
)
VIEWS = ("requirements", "hosts", "roles", "claims", "findings", "changes", "segments", "rules", "diagram", "registers")


def go(address: str) -> tuple[str, str]:
    """Open a view."""
    return f"location.hash = {address!r}", GONE


def search(text: str) -> tuple[str, str]:
    """Search in the view that is open."""
    field = "const field = document.querySelector('.search')"
    return f"{field}; field.value = {text!r}; field.dispatchEvent(new Event('input'))", SAID


def click(what: str) -> tuple[str, str]:
    """Click on the first of something."""
    return f"document.querySelector({what!r}).click()", ""


def steps(host: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """What a reader does, one after the other: what it is called (nothing: only to get there), what it does."""
    return (
        *((f"open {view}", go(view)) for view in VIEWS),
        ("back to the summary", go("")),
        ("", go("findings")),
        ("search the findings (120 ms are waited for more keys)", search(host)),
        ("", go("hosts")),
        ("search the hosts (likewise)", search(host)),
        ("", go("rules")),
        ("search the rules for a host (likewise)", search(host)),
        ("search the rules for a port (likewise)", search("6520")),
        ("", go("findings")),
        ("filter the findings that fail", click(".filter.fail")),
        ("open one host by its address", go(f"hosts/{host}")),
        ("open a control of it", click(".item[open] .control > summary")),
        ("", go("roles")),
        ("open a role", click(".role > summary")),
        ("open a control of it, on all hosts", click(".control > summary")),
        ("lay it out for paper", ("fillPaper()", "")),
    )


def reader(browser: Browser, address: str, host: str) -> None:
    """Read the report as a person does, and print how long each step takes."""
    loaded = browser.open(address)
    usable = browser.ask(f"(async () => {{ {PAINTED} return performance.now(); }})()")
    paint = browser.ask("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    print(f"load {loaded:.2f} s, first paint {paint / 1000:.2f} s, summary on screen {usable / 1000:.2f} s")
    print(f"{browser.heap() / 1e6:7.0f} MB  of the script's heap after loading")
    for name, (act, wait) in steps(host):
        body = f"const begun = performance.now(); {act}; {wait} {PAINTED} return performance.now() - begun;"
        taken = browser.ask(f"(async () => {{ {body} }})()")
        if name:
            print(f"{taken:7.0f} ms  {name}")
    print(f"{browser.heap() / 1e6:7.0f} MB  of the script's heap after all of that")


def main(hosts: int = 1000, checks: int = 200) -> None:
    """Make the report and read it."""
    done = large_bundle.made(hosts, checks)
    total = sum(len(record["findings"]) for record in done.records)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, worked = time.perf_counter(), time.process_time()
    page = html.render(done).encode("utf-8", errors="backslashreplace")
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = f"{hosts} hosts, {total} findings: {len(page) / 1e6:.1f} MB"
    print(f"{size}, made in {taken:.1f} s ({worked:.1f} s of the processor) with {more:.0f} MB more memory")
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        path = Path(folder) / "report.html"
        path.write_bytes(page)
        reader(browser, path.as_uri(), f"host{hosts * 3 // 4:04}")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
