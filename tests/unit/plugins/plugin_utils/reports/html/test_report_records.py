# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The views Segments, Rules and Diagram, in a real browser: what they show, what they leave out, what a reader does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from tests.support import shown_records as shown
from tests.support.browser import dump, in_a_browser, printed

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
OPENED = "document.querySelectorAll('#view details').forEach((one) => { one.open = true; })"


@pytest.fixture
def page_of(tmp_path: Path, sample: Any, pci: Any, site: Any) -> Any:
    """The report of a bundle that is sealed over some records."""

    def made(*records: dict[str, Any], **more: Any) -> str:
        for record in records:
            shown.leave(tmp_path / "evidence", record)
        partial = bundle.open_run(str(tmp_path / "evidence"), {"name": "demo", "title": "Demo"})
        return Path(bundle.seal(partial, sample.material(pci, site, **more)).report).read_text()

    return made


@pytest.fixture
def page(page_of: Any) -> str:
    """That of a site of which there is everything."""
    pictures = {"network": shown.picture(), "data-flow": shown.picture("db1")}
    return str(page_of(shown.segmentation(), shown.rule_review(), pictures=pictures, models={"demo": {"flows": "0"}}))


def texts(markup: str) -> str:
    """The words of a document, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


@in_a_browser
@pytest.mark.parametrize(
    ("address", "there"),
    [
        (
            "segments",
            [
                "The test of 2026-11-20 did not pass. What was opened on purpose was seen.",
                "The site model has changed since: flows.",
                "43 tries, 1 needed, 3 open but not intended",
                "tcp 3306, 3307",
                "stopped by firewall of db1; crosses the gateway",
                "Next due 2027-05-20",
                "mail-out",
            ],
        ),
        ("segments/acme/acme", ["Findings: acme to acme", "Those of all pairs", "None: every try ended as intended."]),
        ("segments/acme/cards", ["Findings: acme to cards", "1 of 1 finding"]),
        (
            "rules/gw1",
            ["2 rules and 1 of the role", "Customers reach the portal", "never hit", "12,345", "tcp dport 443 accept"],
        ),
        ("rules", ["Not observed: no way", "3 rules on 2 hosts"]),
        ("diagram", ["Network: Demo", "diagrams/data-flow.svg", "300 %"]),
        ("", ["Segments at a glance", "Tested 2026-11-20, next due 2027-05-20."]),
    ],
)
def test_what_the_views_show(page: str, tmp_path: Path, address: str, there: list[str]) -> None:
    document = dump(page, tmp_path, address, OPENED)
    for text in there:
        assert text in texts(document)
    assert "[object" not in document
    assert "undefined" not in document


@in_a_browser
def test_verdicts_are_signs_texts_and_colours_and_tables_have_heads(page: str, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "segments")
    matrix = document.split('class="matrix segments"')[1].split("</table>")[0]
    assert re.search(
        r'<td class="fail"[^>]*><a href="#segments/acme/cards"><span class="mark fail"[^>]*>✕</span>', matrix
    )
    assert "open but not intended" in texts(matrix)
    assert matrix.count('scope="col"') == 3
    assert matrix.count('scope="row"') == 1
    assert "<caption" in matrix
    view = document.split('id="view"')[1].split("</main>")[0]
    assert view.count("<caption") == view.count("<table")
    assert 'role="region"' in view


@in_a_browser
def test_rules_are_searched_and_filtered(page: str, tmp_path: Path) -> None:
    search = (
        "const field = document.querySelector('.search'); field.value = 'OLD'; field.dispatchEvent(new Event('input'));"
    )
    document = dump(page, tmp_path, "rules", search)
    assert "1 of 3 rules on 1 host" in texts(document)
    document = dump(page, tmp_path, "rules", "document.querySelector('.filter.never_hit').click()")
    view = document.split('id="view"')[1]
    assert "1 of 3 rules on 1 host" in texts(view)
    assert ">old<" in view
    assert ">web<" not in view


@in_a_browser
def test_the_roles_own_rules_stand_last(page: str, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "rules/gw1")
    assert re.findall(r'<th scope="row"[^>]*>([a-z ]+)<', document) == ["web", "old", "ringfence loopback"]


@in_a_browser
def test_pictures_are_zoomed_and_have_no_ids(page: str, tmp_path: Path) -> None:
    document = dump(page, tmp_path, "diagram", "document.querySelectorAll('.zoom')[3].click()")
    assert 'style="width: 180px; max-width: none;"' in document
    assert document.count('role="img" aria-label="Network: Demo"') == 2
    drawn = "".join(re.findall(r'<svg width="90".*?</svg>', document))
    assert drawn.count("<rect") == 2
    assert " id=" not in drawn


@in_a_browser
def test_hostile_texts_stay_texts(page_of: Any, tmp_path: Path) -> None:
    record = shown.segmentation(title=EVIL, matrix=[shown.cell(EVIL, "a/b%", shown.OPEN)])
    record["findings"][0].update({"from": EVIL, "note": EVIL, "flow": EVIL, "pair": [EVIL, "a/b%"]})
    record["negative_control"].update(gateway=EVIL, note=EVIL)
    review = shown.rule_review(shown.rule(name=EVIL, reason=EVIL, owner=EVIL, permits=[EVIL], change=EVIL))
    review["review"]["hosts"][0]["name"] = EVIL
    safe = EVIL.replace("<", "&lt;")
    pictures = {"network": shown.picture(safe), "data-flow": shown.picture(EVIL)}
    page = page_of(record, review, pictures=pictures, no_pictures=EVIL)
    assert page.count("<script") == page.count("</script>") == 2
    for address in ("segments", "segments/x/a%2Fb%25", "rules", "diagram", "hosts/100%", ""):
        document = dump(page, tmp_path, address, OPENED)
        assert "<title>owned" not in document
        assert "<img" not in document
    assert "diagrams/data-flow.svg cannot be shown" in texts(dump(page, tmp_path, "diagram"))


@in_a_browser
def test_it_all_prints_and_a_picture_has_a_page_of_its_own(page: str, tmp_path: Path) -> None:
    with_records = printed(page, tmp_path)
    made = "fillPaper()"
    paper = dump(page, tmp_path, "", made).split('id="paper"')[1]
    assert paper.count('class="sheet"') == 2
    for text in (
        "The test of 2026-11-20 did not pass.",
        "Firewall rules",
        "ringfence loopback",
        "Not observed: no way",
    ):
        assert text in texts(paper)
    assert len(re.findall(rb"/Type /Page\b", with_records)) >= 5


@in_a_browser
def test_an_old_test_is_told_to_be_old(page_of: Any, tmp_path: Path) -> None:
    page = page_of(shown.segmentation(due="2026-01-01", site="other", model={}))
    said = texts(dump(page, tmp_path, "segments"))
    assert "It is out of date: the next test was due on 2026-01-01." in said
    assert "It is a test of the site Demo (other)." in said
    assert "Whether the site model has changed since cannot be told." in said
