# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the PDF is made: what is printed of large bundles, what is escaped, what is not fetched, what may be missing."""

from __future__ import annotations

import base64
import dataclasses
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf import (
    changes,
    document,
    measured,
    open_findings,
    page,
    pictures,
    texts,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary, library
from tests.support.programs import missing, program

from .pdf_bundle import segmentation_record

COLLECTIONS = Path(__file__).resolve().parents[5] / ".venv" / "collections"


def with_findings(sealed: sealed_bundle.SealedBundle, hosts: int, *, blind: int = 0) -> sealed_bundle.SealedBundle:
    """The bundle with other hosts: each fails its own way and passes once; the blind ones were not observed."""
    shared = {
        "control": "door.fail",
        "role": "door",
        "aspect": "running",
        "expected": {"bolt": "in"},
        "source": "/bolt",
    }
    records = [
        {
            **sealed.records[0],
            "host": f"host{number:04d}",
            "findings": [
                {**shared, "check": "door.a", "status": "error", "observed": None, "observed_at": None, "reason": "?"},
                {
                    **shared,
                    "check": "door.b",
                    "status": "fail",
                    "observed": {"bolt": number},
                    "observed_at": "2026-11-21T21:41:00Z",
                    "reason": f"it is {number}",
                },
            ],
        }
        for number in range(hosts)
    ]
    records += [
        {
            **sealed.records[0],
            "host": f"lost{number}",
            "observed": False,
            "reason": f"no route to {number}",
            "findings": [
                {
                    **shared,
                    "check": check,
                    "status": "not_observed",
                    "observed": None,
                    "reason": f"no route to {number}",
                }
                for check in ("door.a", "door.b")
            ],
        }
        for number in range(blind)
    ]
    return dataclasses.replace(sealed, records=[*records, sealed.site])


def test_the_most_urgent_findings_are_printed_and_the_others_counted(sealed: sealed_bundle.SealedBundle) -> None:
    found = open_findings.gather(with_findings(sealed, 30), most=40)
    of_site = sum(one["status"] in open_findings.OPEN for one in sealed.site["findings"])
    assert found.total == 60 + of_site
    assert found.left_out == 20 + of_site
    by_check = {row.check: row for row in found.checks}
    assert [row.check for row in found.checks if row.check.startswith("door")] == ["door.b", "door.a"]
    assert len(by_check["door.b"].groups) == 30, "each says something else"
    assert [len(group.places) for group in by_check["door.a"].groups] == [10 - of_site], "all say the same"
    assert by_check["door.a"].counts["error"] == 30
    assert by_check["door.b"].shared == {"expected": {"bolt": "in"}, "source": "/bolt"}, "and it is printed once"
    assert page.html(with_findings(sealed, 30)).count("bolt: in") == 2
    text = page.html(with_findings(sealed, open_findings.MOST // 2 + 10))
    assert "open findings are left out here" in text
    assert "findings.csv" in text
    assert "left out here" not in page.html(with_findings(sealed, 10))


def test_hosts_that_were_not_observed_share_their_checks(sealed: sealed_bundle.SealedBundle) -> None:
    found = open_findings.gather(with_findings(sealed, 1, blind=3))
    (row,) = found.not_asked
    assert row.checks == ("door.a", "door.b")
    assert row.hosts == [(f"lost{number}", f"no route to {number}") for number in range(3)]
    assert (found.left_out, found.total) == (0, 8 + sum(one["status"] == "fail" for one in sealed.site["findings"]))


def test_other_lists_have_a_bound_and_say_so() -> None:
    delta = {word: [] for word in ("drifted", "fixed", "no_longer_checked", "still_open")}
    rows = [{"host": f"h{number}", "check": "a.b.c", "before": None, "now": "fail"} for number in range(5)]
    made, left_out = changes.changes({**delta, "new": rows}, most=3)
    assert left_out == 2
    new = next(one for one in made if one.word == "new")
    assert (new.number, new.checks) == (5, {"a.b.c": [f"h{number} (not checked, now fail)" for number in range(3)]})
    rules = [{"name": str(number), "marks": ["never_hit"] * (number % 2), "own": False} for number in range(4)]
    shown, left_out = measured.rules({"hosts": [{"rules": rules}]}, most=3)
    assert ([rule["name"] for rule in shown[0][1]], left_out) == (["1", "3", "0"], 1)


def test_a_wide_matrix_is_printed_in_parts() -> None:
    parts = list(measured.slices(segmentation_record()["matrix"]))
    assert [len(part.columns) for part in parts] == [9, 3]
    assert all(len(cells) == len(part.columns) for part in parts for _row, cells in part.rows)


def test_what_was_seen_red_on_purpose_has_a_chapter(sealed: sealed_bundle.SealedBundle) -> None:
    proof = {
        "run": "20261126T110000Z-3f9a1c",
        "started_at": "2026-11-26T11:00:00Z",
        "finished_at": "2026-11-26T11:30:00Z",
        "outcome": "fail",
        "summary": {"hosts": 2, "cases": 3, "seen": 1, "failed": 1, "checks": 2, "checks_proven": 1},
        "cases": [
            {"host": "lab1", "case": "bolt", "breaks": "the bolt is drawn", "outcome": "seen", "note": ""},
            {
                "host": "lab1",
                "case": "hinge",
                "breaks": "the hinge is <off>",
                "outcome": "not repaired",
                "note": "stuck",
            },
            {"host": "lab2", "case": "key", "breaks": "there is no key", "outcome": "nothing to break", "note": ""},
        ],
        "checks": [
            {"host": "lab1", "check": "door.a", "seen_by": ["bolt"], "reason": None},
            {"host": "lab2", "check": "door.a", "seen_by": [], "reason": "no case there"},
            {"host": "lab1", "check": "door.b", "seen_by": [], "reason": "it was red before"},
        ],
    }
    rows = measured.proven(proof["checks"])  # type: ignore[arg-type]  # the list of its checks
    assert [(row.check, row.hosts, row.cases) for row in rows] == [
        ("door.b", ["lab1"], []),
        ("door.a", ["lab1", "lab2"], ["bolt"]),
    ]
    shared = {"path": "records/negative_control/1.json", "sha256": "0" * 64, "problem": None}
    shown = page.html(dataclasses.replace(sealed, negative_control={**shared, "proof": proof}))
    chapter = shown[shown.index('id="proof"') :]
    for text in (
        "1 of 2 checks were proven to fail",
        "it was red before",
        "the hinge is &lt;off&gt;",
        "not repaired: stuck",
    ):
        assert text in chapter
    assert "there is no key" not in chapter
    none = {"path": None, "sha256": None, "problem": "x cannot be shown", "proof": None}
    assert "x cannot be shown" in page.html(dataclasses.replace(sealed, negative_control=none))
    assert 'id="proof"' not in page.html(dataclasses.replace(sealed, negative_control=None))


@given(st.text(alphabet=st.sampled_from("<>&\"'{}%/ab\x00\u202e\ud800\n")))
def test_no_text_of_a_bundle_becomes_markup(text: str) -> None:
    made = page._environment().from_string('<p title="{{ one }}">{{ one }}</p>{{ many | line }}')
    shown = made.render(one=text, many={text: [text]})
    inner = shown.removeprefix('<p title="').removesuffix("</p>")
    assert shown.count("<") == 2
    assert inner.split('">')[0].count('"') == 0
    shown.encode()
    assert "\u202e" not in shown
    assert "\x00" not in shown


def test_long_values_are_cut_with_a_word_on_it() -> None:
    assert texts.line({"a": "x" * 5000}).endswith("… [3800 characters more in the bundle]")
    assert texts.line(None) == ""
    assert texts.line({"b": [1, "é"], "a": {"min": 3}}) == 'a: {"min": 3}; b: [1, "é"]'


def test_the_rim_of_a_picture_s_texts_lies_below_them() -> None:
    (made,) = pictures.pictures(
        {
            "x": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20"><g><text stroke="#fff"'
            ' paint-order="stroke" fill="#000">a</text></g></svg>'
        }
    )
    svg = base64.b64decode(str(made.address).partition(",")[2]).decode()
    assert svg.index('fill="none"') < svg.index('fill="#000"')
    assert svg.count("stroke=") == 1
    assert made.upright


class _Counting(http.server.BaseHTTPRequestHandler):
    """Counts who asks."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A web server's address, and what it was asked for."""
    asked: list[str] = []
    server = http.server.HTTPServer(("127.0.0.1", 0), type("Handler", (_Counting,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_nothing_is_fetched_from_outside(outside: tuple[str, list[str]]) -> None:
    address, asked = outside
    inner = f'<image href="{address}/in-svg" width="9" height="9"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inner}</svg>'
    (drawn,) = pictures.pictures({"x": svg})
    html = (
        f'<html lang="en"><title>x</title><link rel="stylesheet" href="{address}/link">'
        f'<style>@import "{address}/css";p {{ background: url({address}/background) }}</style>'
        f'<p><img alt="a" src="{address}/img"><img alt="b" src="{drawn.address}"></p>'
    )
    try:
        assert document.render(html, "0" * 64).startswith(b"%PDF-1.7")
    except MissingLibrary as problem:
        missing(str(problem))
    assert asked == []
    import weasyprint

    weasyprint.HTML(string=html).write_pdf()
    assert {"/css", "/link", "/img", "/background", "/in-svg"} <= set(asked), "it would have been, without the refusal"


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, which knows the collection."""
    paths = os.pathsep.join([environment.pop("before", ""), str(COLLECTIONS)])
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


_USE = """
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import exports
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf import document
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary
try:
    document.render("<html lang=en><title>x</title><p>a", "0" * 64)
except MissingLibrary as problem:
    print(len(exports.FORMATS), problem)
"""
_BROKEN = """
print("read the manual")
raise OSError("cannot load library 'libpango-1.0-0': not there\\nand more")
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "raise ImportError('none')",
            "7 the Python package WeasyPrint is not installed on the controller; install it: "
            f"{sys.executable} -m pip install WeasyPrint\n",
        ),
        (
            _BROKEN,
            "7 the Python package WeasyPrint is installed on the controller, but not what it needs: Pango and "
            "HarfBuzz, in Debian libpangoft2-1.0-0 and libharfbuzz-subset0 "
            "(cannot load library 'libpango-1.0-0': not there)\n",
        ),
    ],
)
def test_one_sentence_says_what_is_missing(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "weasyprint.py").write_text(content)
    done = run_python(_USE, before=str(tmp_path))
    assert (done.stdout, done.stderr) == (said, "")


def test_a_system_without_fonts_makes_no_empty_pages(tmp_path: Path) -> None:
    program("pdftotext")  # where it is installed, what the PDF needs is too
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    done = run_python(_USE, FONTCONFIG_FILE=str(config))
    assert done.stdout == "7 no font is installed on the controller, in Debian for example fonts-dejavu-core\n"


def test_a_package_that_is_there_is_given() -> None:
    assert library("json", "json").loads("1") == 1
