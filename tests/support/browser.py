# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real browser for the report's page: the document after its script ran, and the pages that it prints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

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


def _run(folder: Path, address: str, *flags: str) -> str:
    """Open the folder's report.html; what its script complains about, or the browser refuses to it, fails the test."""
    argv = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    argv += ["--virtual-time-budget=2000", *flags, f"file://{folder / 'report.html'}#{address}"]
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
