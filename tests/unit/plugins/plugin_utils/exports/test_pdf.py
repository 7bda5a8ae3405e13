# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PDF of a bundle with everything in it, read back by programs that are not ours."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import exports, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf.open_findings import OPEN
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE
from tests.support.programs import missing, program

from .pdf_bundle import full_bundle

_A4 = "595.276 x 841.89"


def read_by(name: str, *argv: str | Path) -> str:
    """What a program tells of a file."""
    done = subprocess.run([program(name), *map(str, argv)], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def squashed(text: str) -> str:
    """A text without its white space, which lines and columns put elsewhere, and without what has no glyph."""
    return re.sub(r"[\s\x07\ufffd漢]", "", text)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, pci: Any, sample: Any) -> sealed_bundle.SealedBundle:
    """A bundle with something to tell in every chapter."""
    return full_bundle(tmp_path_factory.mktemp("site"), pci, sample)


@pytest.fixture(scope="module")
def report(bundle: sealed_bundle.SealedBundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its PDF."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    try:
        path.write_bytes(exports.FORMATS["pdf"](bundle)["report.pdf"])
    except MissingLibrary as problem:
        missing(str(problem))
    return path


@pytest.fixture(scope="module")
def pages(report: Path) -> list[str]:
    """The text of every page."""
    return read_by("pdftotext", "-layout", report, "-").split("\f")[:-1]


@pytest.fixture(scope="module")
def words(report: Path) -> str:
    """All its text in the order in which it is read, without white space."""
    return squashed(read_by("pdftotext", "-raw", report, "-"))


@pytest.fixture(scope="module")
def structure(report: Path) -> dict[str, Any]:
    """What qpdf knows of it."""
    found: dict[str, Any] = json.loads(read_by("qpdf", "--json", report))
    return found


@pytest.fixture(scope="module")
def about(report: Path) -> dict[str, str]:
    """What pdfinfo knows of it."""
    lines = read_by("pdfinfo", "-isodates", report).splitlines()
    return {key: value.strip() for key, _colon, value in (line.partition(":") for line in lines)}


def test_qpdf_finds_nothing_wrong(report: Path) -> None:
    assert "No syntax or stream encoding errors found" in read_by("qpdf", "--check", report)


def test_every_requirement_and_claim_is_there_with_its_word(bundle: sealed_bundle.SealedBundle, words: str) -> None:
    for row in bundle.requirements:
        told = f"{row['id']}{row['title']}Recurs:{row['periodicity']}.Technical:{row['technical']}"
        assert squashed(told) in words, row["id"]
    for row in bundle.claims:
        assert squashed(f"{row['id']}{row['says']}") in words, row["id"]
    seen = {str(row["evidence"]) for row in (*bundle.requirements, *bundle.claims)}
    assert len(seen) > 3
    assert all(squashed(EVIDENCE[word]) in words for word in seen)


def test_every_open_finding_is_there_in_full(bundle: sealed_bundle.SealedBundle, words: str) -> None:
    found = [(record, one) for record, one in bundle.findings() if one["status"] in OPEN]
    assert {one["status"] for _record, one in found} == set(OPEN)
    for record, one in found:
        expected = "; ".join(f"{key}: {json.dumps(value)}" for key, value in sorted(one["expected"].items()))
        told = [record["host"], one["check"], one["reason"], one["source"], one["observed_at"]]
        if record["observed"]:
            told += [expected.replace('"', "")]
            told += [f"{key}: {value}" for key, value in (one["observed"] or {}).items() if isinstance(value, str)]
        for text in filter(None, told):
            assert squashed(str(text)) in words, (one["check"], text)


def test_equal_findings_of_several_hosts_are_there_once_with_all_hosts(words: str) -> None:
    assert words.count(squashed("The bolt of many is out")) == 1
    hosts = [f"many{number}" for number in range(6)]
    assert squashed(", ".join(f"{host} 2026-11-21T21:4{number}:00Z" for number, host in enumerate(hosts))) in words


def test_what_passes_is_told_by_number(words: str) -> None:
    assert squashed("door.pass The door is pass & <closed> PCI DSS 1.3.1 1 1 0 0 pass") in words


def test_the_cover_says_what_it_is_about(bundle: sealed_bundle.SealedBundle, pages: list[str]) -> None:
    cover, run = squashed(pages[0]), bundle.run
    told = [run["site"]["title"], run["run"], run["started_at"], run["finished_at"], run["standard"]]
    told += [bundle.manifest_sha256, str(bundle.signer), "0.1.0, commit 0123abcd", "lost, lost2"]
    told += ["not affiliated with PCI Security Standards Council", f"after {bundle.manifest['previous_run']}"]
    for text in told:
        assert squashed(text) in cover, text


def test_it_never_says_that_anybody_is_compliant(words: str) -> None:
    assert not re.search(r"compliant|certified", words, re.IGNORECASE)


def test_pages_are_numbered_and_carry_site_and_run(
    bundle: sealed_bundle.SealedBundle, pages: list[str], about: dict[str, str]
) -> None:
    assert about["Pages"] == str(len(pages))
    for number, page in enumerate(pages, 1):
        lines = page.strip().splitlines()
        assert lines[-1].split()[-3:] == [str(number), "of", str(len(pages))]
        if number > 1:
            assert lines[0].split() == [*bundle.run["site"]["title"].split(), bundle.name]


def test_the_contents_lead_to_the_pages(pages: list[str]) -> None:
    lines = re.findall(r"^ *(\d+) +(\S.*?) \.\.+ (\d+)$", pages[1], re.MULTILINE)
    chapters = [(title, int(page)) for _number, title, page in lines if not title[0].isdigit()]
    assert len(chapters) > 20
    for title, page in chapters:
        assert re.search(rf"^ *\w+ +{re.escape(title)}", pages[page - 1], re.MULTILINE), (title, page)


def test_bookmarks_name_the_chapters_and_lead_to_their_pages(structure: dict[str, Any], pages: list[str]) -> None:
    marks = {one["title"]: one["destpageposfrom1"] for one in structure["outlines"]}
    for title in ("Summary", "Requirements", "Open findings", "Segmentation", "Rule review", "Checking and signing"):
        place = next(mark for mark in marks if mark.endswith(title))
        assert title in pages[marks[place] - 1]
    below = next(one for one in structure["outlines"] if one["title"].endswith("Requirements"))["kids"]
    assert len(below) == 14


def test_it_is_tagged_and_says_so(report: Path, about: dict[str, str], structure: dict[str, Any]) -> None:
    assert about["Tagged"] == "yes"
    assert 'pdfuaid:part="1"' in read_by("pdfinfo", "-meta", report)
    told = read_by("pdfinfo", "-struct", report)
    for tag in ("H1", "H2", "Table", "TH", "TD", "Figure"):
        assert re.search(rf"^ *{tag}\b", told, re.MULTILINE), tag
    objects = structure["qpdf"][1]
    catalogue = next(
        one["value"]
        for one in objects.values()
        if isinstance(one.get("value"), dict) and one["value"].get("/Type") == "/Catalog"
    )
    assert catalogue["/Lang"] == "u:en"
    assert "/Alt" in json.dumps(objects), "a picture has words for those who do not see it"


def test_its_metadata_are_those_of_the_run(bundle: sealed_bundle.SealedBundle, about: dict[str, str]) -> None:
    assert about["Title"] == f"Evidence of {bundle.run['site']['title']}, {bundle.name}"
    assert about["CreationDate"] == about["ModDate"] == bundle.run["finished_at"]
    assert about["Author"] == "ringfence.callcenter 0.1.0"


def test_pages_are_a4_and_wide_tables_lie_on_their_side(report: Path, pages: list[str]) -> None:
    told = read_by("pdfinfo", "-f", "1", "-l", str(len(pages)), report)
    sizes = re.findall(r"^Page +\d+ size: +([\d.]+ x [\d.]+) pts", told, re.MULTILINE)
    lying = " x ".join(reversed(_A4.split(" x ")))
    assert set(sizes) == {_A4, lying}
    for number, page in enumerate(pages):
        if re.search(r"^ *\d+ +(Segmentation|Rule review)$", page, re.MULTILINE):
            assert sizes[number] == lying


def test_pictures_are_vectors_with_their_words(report: Path, words: str) -> None:
    listed = read_by("pdfimages", "-list", report).splitlines()
    assert len(listed) == 2, "two lines of headings: no picture is made of pixels"
    assert "Wordsofthepicture" in words
    assert squashed("diagrams/broken.svg cannot be shown: the file is no SVG") in words


def test_other_chapters_tell_what_the_bundle_says(bundle: sealed_bundle.SealedBundle, words: str) -> None:
    assert bundle.segmentation is not None
    assert bundle.rule_review is not None
    told = [
        *("EX-1 unsigned", "The vendor has no fix yet", "AT-1 unsigned", "Visitors are led"),
        *("Of each kind the auditor drew 1 with the seed november", "management gw1.example"),
        *("open but not intended 43 tries, 1 needed", "tcp 3306, 3307", "stopped by firewall of db1"),
        *("web inbound never hit tcp dport 443 counter accept Customers reach the portal Web team; CHG-1"),
        *("Drifted: 1", "It passed before and needs attention now", "door.fail.now: gw1.example (pass, now fail)"),
        *(bundle.segmentation["sha256"], bundle.rule_review["sha256"]),
        *(row["title"] for row in bundle.ledger["activities"]),
    ]
    for text in told:
        assert squashed(text) in words, text
