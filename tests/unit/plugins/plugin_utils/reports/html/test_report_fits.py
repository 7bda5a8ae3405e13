# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report fits: no page wider than its window, nothing that scrolls into nothing, no column of letters; and paper.

The page is that of the benchmark's made-up site, with the real controls and names that are long.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import html
from benchmarks import large_bundle
from tests.support.browser import dump, in_a_browser, measure, printed
from tests.support.programs import needs

pytestmark = [in_a_browser, needs("dot")]
VIEWS = ("", "requirements/1.2.3", "hosts/host0003", "roles/antivirus", "claims", "findings", "changes", "segments")
VIEWS += ("rules/host0001", "diagram", "registers", "ledger", "about")
#: Where there is most to show, also in windows that are wide.
DENSE = ("", "hosts/host0003", "findings", "segments", "rules/host0001")
CHECKS = 200
LONG = "workstation-of-the-second-supervisor-in-building-seven.callcenter.example"


@pytest.fixture(scope="module")
def page() -> str:
    """A site of eight hosts, one of them with a long name, of two classes and with a sample."""
    made: Any = large_bundle.made(8, CHECKS)
    made.records[5]["host"] = LONG
    made.records[6]["attributes"]["class"] = "card_data"
    made.parts["sample"].update(seed="seven", size=1, kinds=[{"kind": "workstation", "hosts": 8, "drawn": [LONG]}])
    return html.render(made)


@pytest.mark.parametrize(
    ("width", "address"), [*((420, view) for view in VIEWS), *((wide, view) for wide in (1024, 1400) for view in DENSE)]
)
def test_every_view_fits(page: str, tmp_path: Path, width: int, address: str) -> None:
    found = measure(page, tmp_path, address, width)
    assert found["window"] == width
    assert found["document"] <= width, found["outside"]
    assert found["letters"] == []
    assert found["nothing"] == []
    assert found["outside"] == []


#: A part that scrolls, and something in it far away that nobody sees.
_SCROLLS = ".strip { overflow-x: auto; position: relative }"
_FAR = ".strip::after { content: ''; position: absolute; left: 3000px; width: 1px; height: 1px }"


@pytest.mark.parametrize(
    ("style", "address", "key"),
    [
        (".scroll { position: static }", "", "document"),
        (".findings th.host { width: 2% }", "findings", "letters"),
        (f"{_SCROLLS} {_FAR}", "", "nothing"),
    ],
)
def test_what_does_not_fit_is_seen(page: str, tmp_path: Path, style: str, address: str, key: str) -> None:
    """The measure itself, over a page that is broken on purpose."""
    found = measure(page.replace("</style>", f"{style}</style>"), tmp_path, address, 1024 if key == "letters" else 420)
    assert found[key] > found["window"] if key == "document" else found[key]


@needs("pdftotext")
def test_the_printed_matrix_has_every_role_and_every_host(page: str, tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(printed(page, tmp_path))
    argv = ["pdftotext", "-layout", str(tmp_path / "paper.pdf"), "-"]
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    part = re.sub(r"\s+", "", text.split("Hosts and roles")[1].split("Requirements")[0])
    roles = sorted({check["role"] for check in large_bundle.controls(CHECKS)[0]})
    assert len(roles) > 5
    for role in roles:
        # A name that is broken into lines stands between those of its neighbours.
        assert all(word in part for word in role.split("_")), role
    assert part.count("host0000") == 2  # once in each table that the columns need


def search(text: str) -> str:
    """A script that looks for a text as a reader does."""
    find = f"const field = document.querySelector('.search'); field.value = '{text}'"
    return f"{find}; field.dispatchEvent(new Event('input'));"


def shown(document: str) -> tuple[int, int]:
    """How many findings of how many a page says to show."""
    found = re.search(r"([\d,]+) of ([\d,]+) findings", document)
    assert found
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


@pytest.mark.parametrize("text", ["8.3.4", "card_data", LONG, "client1", "workstation 8.3.4", "login-delay"])
def test_findings_are_found_by_requirement_claim_class_segment_and_kind(page: str, tmp_path: Path, text: str) -> None:
    some, every = shown(dump(page, tmp_path, "findings", search(text)))
    assert 0 < some < every


def test_a_requirement_is_no_part_of_another_one(page: str, tmp_path: Path) -> None:
    """Nor is what there is not: 2.1 is no part of 1.2.1."""
    whole = shown(dump(page, tmp_path, "findings", search("1.2")))[0]
    assert 0 < shown(dump(page, tmp_path, "findings", search("1.2.1")))[0] < whole
    assert shown(dump(page, tmp_path, "findings", search("2.1")))[0] == 0


def choose(label: str, value: str) -> str:
    """A script that chooses from a list."""
    find = f"const list = document.querySelector('select[aria-label=\"{label}\"]')"
    return f"{find}; list.value = '{value}'; list.dispatchEvent(new Event('change'));"


@pytest.mark.parametrize(
    "act",
    [
        choose("Any requirement", "8.3.4"),
        choose("Any class", "card_data"),
        "[...document.querySelectorAll('.toolbar button')].find((one) => one.textContent === 'In the sample').click();",
    ],
)
def test_findings_are_chosen_by_requirement_class_and_sample(page: str, tmp_path: Path, act: str) -> None:
    some, every = shown(dump(page, tmp_path, "findings", act))
    assert 0 < some < every


def test_a_link_leads_to_the_findings_of_a_requirement(page: str, tmp_path: Path) -> None:
    some, every = shown(dump(page, tmp_path, "findings/8.3.4"))
    assert 0 < some < every
    assert "#findings/8.3.4" in dump(page, tmp_path, "requirements/8.3.4")


def test_every_square_of_the_summary_has_its_id(page: str, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "")
    square = r'<a href="#requirements/([\w.]+)" class="square[^>]*>(?:<span[^>]*>[^<]*</span>)?([\w.]+)<'
    squares = re.findall(square, document)
    assert len(squares) == 260
    assert all(link == text for link, text in squares)


def test_who_looked_is_told_and_what_a_host_is_like(page: str, tmp_path: Path) -> None:
    assert "ops on control1" in dump(page, tmp_path, "about")
    opened = "document.querySelectorAll('details[open] details').forEach((box) => { box.open = true; })"
    document = dump(page, tmp_path, "hosts/host0003", opened)
    assert "automation (uid 1000), over ssh from 10.0.0.9, then as root" in document
    assert "15 accounts" in document
    assert "2 with a password, 0 without any that is asked for" in document
    assert ">no password<" in document
    assert "type filter hook input priority filter; policy drop;" in document
