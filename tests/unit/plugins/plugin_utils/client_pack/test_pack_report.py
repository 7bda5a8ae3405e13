# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a pack in a real browser: every view opens, and tells of nobody else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import make
from tests.support.browser import dump, in_a_browser, printed
from tests.support.call_centre import CallCentre
from tests.support.programs import needs

#: Opens whatever can be opened.
OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
OTHERS = re.compile(r"globex|10\.78\.[23]\.|fd78:[23]:", re.IGNORECASE)


@pytest.fixture(scope="module")
def page(centre: CallCentre, sealed: bundle.SealedFolder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of acme."""
    folder = str(tmp_path_factory.mktemp("packs"))
    path = Path(make(sealed.path, centre.inventory(), "acme", directory=folder).path)
    return (path / "report.html").read_text(encoding="utf-8")


@in_a_browser
@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("segments", ["other clients", "class card_data", "records/segmentation_test/"]),
        ("rules", ["from-acme", "records/firewall_review/"]),
        ("diagram", ["left out of a client's pack"]),
        ("registers", ["EX-gw-1", "Agents of Acme Insurance were trained"]),
        ("ledger", ["scan of acme"]),
        ("changes", ["door.closed.now"]),
        ("hosts/ws-acme-1", ["[withheld]"]),
        ("findings", ["shared-gateway-1"]),
    ],
)
def test_every_view_opens(page: str, tmp_path: Path, address: str, there: list[str]) -> None:
    seen = re.sub(r"<wbr>|</?a\b[^>]*>", "", dump(page, tmp_path, address, OPENED))
    assert "This is a pack for Acme Insurance (client acme)" in seen
    for text in there:
        assert text in seen
    assert not OTHERS.search(seen)


@in_a_browser
@needs("pdftotext")
def test_what_is_printed_says_first_whose_it_is(page: str, tmp_path: Path) -> None:
    printed(page, tmp_path)
    subprocess.run(["pdftotext", "report.pdf"], cwd=tmp_path, check=True)
    whole = (tmp_path / "report.txt").read_text()
    assert "This is a pack for Acme Insurance (client acme)" in whole.split("\f")[0]
    assert "door.watched.now" in re.sub(r"\s", "", whole)
    assert not OTHERS.search(whole)
