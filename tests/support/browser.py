# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser for the report's page: the document after its script ran, and the pages that it prints."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.support.programs import needs

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
#: The mark of a test that opens a page.
in_a_browser = needs(*_NAMES)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
)


#: What a page tells of how it fits: how much wider than the window it is, what else scrolls and into what, and texts
#: that are broken into lines of a letter or two.
_MEASURE = """
const sound = (node) => getComputedStyle(node).writingMode === "horizontal-tb";
const name = (node) => `${node.localName}.${node.className} ${node.textContent.slice(0, 40)}`;
function narrow(node) {
  const text = node.data.trim();
  if (text.length < 4 || !node.parentElement || !sound(node.parentElement)) return false;
  const range = document.createRange();
  range.selectNodeContents(node);
  const lines = new Set([...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top)));
  return lines.size > 2 && text.length / lines.size < 3.5;
}
function intoNothing(box) {
  const seen = [...box.querySelectorAll("*")].filter((node) => !node.closest(".sr") && node.getClientRects().length);
  const text = document.createRange();
  text.selectNodeContents(box);
  const own = box.children.length ? [] : [...text.getClientRects()];
  const right = Math.max(0, ...seen.map((node) => node.getBoundingClientRect().right), ...own.map((one) => one.right));
  const end = box.getBoundingClientRect().left - box.scrollLeft + box.scrollWidth;
  return box.scrollWidth - box.clientWidth > 2 && end > right + 24;
}
function measured() {
  const letters = [], walker = document.createTreeWalker(document.getElementById("view"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (narrow(walker.currentNode)) letters.push(name(walker.currentNode.parentElement));
  const all = [...document.querySelectorAll("#view *")];
  const scrolling = all.filter((node) => ["auto", "scroll"].includes(getComputedStyle(node).overflowX));
  return {
    window: innerWidth, document: document.documentElement.scrollWidth, letters,
    nothing: scrolling.filter(intoNothing).map(name),
    outside: all.filter((node) => !node.closest(".sr") && !scrolling.some((box) => box.contains(node))
      && node.getBoundingClientRect().right > innerWidth + 1).map(name).slice(0, 5),
  };
}
const open = () => [...document.querySelectorAll("#view details")].slice(0, 60).forEach((box) => { box.open = true; });
setTimeout(open, 100);
setTimeout(open, 400);
setTimeout(() => parent.postMessage(JSON.stringify(measured()), "*"), 900);
"""


def measure(page: str, folder: Path, address: str, width: int) -> dict[str, Any]:
    """How a view fits into a window so wide, with what opens opened; a browser's own windows cannot be that narrow."""
    script = f"<script>addEventListener('load', () => {{ {_MEASURE} }})</script></body>"
    (folder / "report.html").write_text(page.replace("</body>", script), encoding="utf-8")
    frame = f'<iframe src="report.html#{address}" style="width:{width}px;height:900px;border:0"></iframe>'
    heard = "addEventListener('message', (event) => { document.body.textContent = event.data; })"
    (folder / "frame.html").write_text(f"<body>{frame}<script>{heard}</script></body>", encoding="utf-8")
    body = _run(folder, "", "--dump-dom", name="frame.html").split("<body>")[1].split("</body>")[0]
    found: dict[str, Any] = json.loads(html.unescape(body))
    return found


def _run(folder: Path, address: str, *flags: str, name: str = "report.html") -> str:
    """Open the folder's report.html; what its script complains about, or the browser refuses to it, fails the test."""
    argv = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    argv += ["--virtual-time-budget=2000", *flags, f"file://{folder / name}#{address}"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout


def dump(page: str, folder: Path, address: str, then: str = "") -> str:
    """The document's markup without the page's data and script. ``then`` is a script that acts as a reader does."""
    act = f"<script>addEventListener('load', () => setTimeout(() => {{ {then} }}, 300))</script></body>"
    (folder / "report.html").write_text(page.replace("</body>", act) if then else page, encoding="utf-8")
    return _run(folder, address, "--dump-dom").split("<script")[0]


def printed(page: str, folder: Path) -> bytes:
    """The page as PDF."""
    (folder / "report.html").write_text(page, encoding="utf-8")
    _run(folder, "", "--no-pdf-header-footer", f"--print-to-pdf={folder / 'report.pdf'}")
    return (folder / "report.pdf").read_bytes()
