# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest record is shown as it was hashed, and one that cannot be shown is told of and stops nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, verify_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import current, shapes
from tests.support import shown_records as shown

OLD = {"run": "20260520T110000Z", "title": "Old"}


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """The evidence folder of a site."""
    return tmp_path / "evidence"


@pytest.fixture
def seal(evidence: Path, sample: Any, pci: Any, site: Any) -> Any:
    """Seals a bundle there, of material with some changes; its path."""

    def sealed(**more: Any) -> Path:
        partial = bundle.open_run(str(evidence), {"name": "demo", "title": "Demo"})
        return Path(bundle.seal(partial, sample.material(pci, site, **more)).path)

    return sealed


def part(path: Path, name: str) -> dict[str, Any]:
    """A part of a bundle."""
    data: dict[str, Any] = json.loads((path / f"{name}.json").read_text())
    return data


def test_the_newest_records_are_in_the_bundle_with_the_hashes_of_their_files(evidence: Path, seal: Any) -> None:
    shown.leave(evidence, shown.segmentation(**OLD))
    test, review = (shown.leave(evidence, record) for record in (shown.segmentation(), shown.rule_review()))
    path = seal()
    found = part(path, "segmentation")
    assert found["test"] == json.loads(test.read_text())
    assert found["path"] == f"records/segmentation_test/{shown.TEST_RUN}.json"
    assert found["sha256"] == hashlib.sha256(test.read_bytes()).hexdigest()
    assert found["problem"] is None
    found = part(path, "rule_review")
    assert found["review"] == json.loads(review.read_text())["review"]
    assert part(path, "ledger")["records"][found["path"]] == found["sha256"]


def test_without_records_there_is_nothing_to_show(seal: Any) -> None:
    path = seal()
    assert part(path, "segmentation") == {"path": None, "sha256": None, "test": None, "problem": None, "changed": None}
    assert part(path, "rule_review") == {"path": None, "sha256": None, "review": None, "problem": None, "changed": []}
    assert part(path, "run")["diagrams"] == {"drawn": [], "problem": None}
    assert not (path / "diagrams").exists()


DEEP = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read as a record"),
        (DEEP, "cannot be read as a record"),
        (json.dumps(shown.segmentation(matrix={})), "its shape is not known: matrix is no list"),
        (json.dumps(shown.segmentation(matrix=[{"from": 1}])), "matrix[0].from is no str"),
        (json.dumps(shown.segmentation(outcome=True)), "outcome is no str"),
        (json.dumps(shown.segmentation(extra=1)).replace('"extra": 1', '"extra": 1e999'), "cannot be shown"),
        (json.dumps(shown.segmentation(extra=1)).replace('"extra": 1', f'"extra": {DEEP}'), "cannot be "),
    ],
)
def test_a_record_that_cannot_be_shown_stops_nothing(evidence: Path, seal: Any, text: str, why: str) -> None:
    shown.leave(evidence, shown.segmentation(**OLD))
    shown.leave(evidence, shown.segmentation()).write_text(text)
    path = seal()
    found = part(path, "segmentation")
    assert found["test"]["title"] == "Old"
    assert shown.TEST_RUN in found["problem"]
    assert why in found["problem"]
    assert why in (path / "report.html").read_text()


def test_a_review_of_an_earlier_version_is_told_of(evidence: Path, seal: Any) -> None:
    record = shown.rule_review()
    del record["review"]
    shown.leave(evidence, record)
    found = part(seal(), "rule_review")
    assert found["review"] is None
    assert found["problem"].endswith("it holds no review: it was made by an earlier version")


def test_card_numbers_and_secrets_are_masked_and_nothing_is_cut(evidence: Path, seal: Any) -> None:
    rules = [shown.rule(name=f"r{at}") for at in range(300)]
    rules[7].update(reason="card 4111 1111 1111 1111, Korrekt-Pferd-9", bytes=4111111111111111)
    shown.leave(evidence, shown.rule_review(*rules))
    path = seal(secrets=["Korrekt-Pferd-9"])
    kept = part(path, "rule_review")["review"]["hosts"][0]["rules"]
    assert len(kept) == 301
    assert kept[8]["reason"] == "card **** **** **** 1111, [secret]"
    assert kept[8]["bytes"] == 4111111111111111  # a number of bytes, whatever it looks like
    for name in ("rule_review.json", "report.html"):
        text = (path / name).read_text()
        assert "Korrekt-Pferd-9" not in text
        assert "4111 1111" not in text


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        ({"flows": "1" * 64, "segments": "2" * 64}, []),
        ({"flows": "9" * 64, "segments": "2" * 64, "hosts": "3" * 64}, ["flows", "hosts"]),
        (None, None),
    ],
)
def test_what_changed_since_the_test_is_told(evidence: Path, seal: Any, now: Any, changed: Any) -> None:
    shown.leave(evidence, shown.segmentation())
    assert part(seal(models={"demo": now} if now else {}), "segmentation")["changed"] == changed


MODEL = {"flows": "1" * 64, "segments": "2" * 64}
OTHER = {**MODEL, "flows": "9" * 64}


def verdict(path: Path, requirement: str) -> str:
    """What a bundle says of a requirement."""
    return next(str(row["evidence"]) for row in part(path, "requirements") if row["id"] == requirement)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (MODEL, ("on_time", "supports", None)),
        (OTHER, ("changed", "does_not_support", "The site model has changed since: flows.")),
        (None, ("on_time", "not_observed", "Whether the site model has changed since cannot be told.")),
    ],
)
def test_what_stands_above_a_test_decides_what_it_supports(
    evidence: Path, seal: Any, now: Any, said: tuple[str, str, str | None]
) -> None:
    """The note of the report, the ledger, the finding and the verdict have one source."""
    status, word, told = said
    shown.leave(evidence, shown.segmentation(outcome="pass", finished_at=f"{bundle.utc()}", due="2999-01-01"))
    path = seal(models={"demo": now} if now else {})
    row = next(one for one in part(path, "ledger")["activities"] if one["activity"] == "segmentation_test")
    assert row["status"] == status
    assert verdict(path, "11.4.5") == word
    notes = current.notes("segmentation_test", {**parts_of(path)}, part(path, "ledger")["activities"])
    assert [one for one in notes if told and one.startswith(told)] == notes
    assert bool(notes) == bool(told)
    assert (json.dumps(told)[1:-1] if told else "supports") in (path / "report.html").read_text()


def parts_of(path: Path) -> dict[str, Any]:
    """The parts of a bundle that notes are made of."""
    return {name: part(path, name) for name in ("run", "segmentation", "rule_review", "negative_control")}


@pytest.mark.parametrize(
    ("then", "now", "word"),
    [
        ({}, {}, "supports"),
        ({"demo": MODEL}, {"demo": MODEL}, "supports"),
        ({"demo": MODEL}, {"demo": OTHER}, "does_not_support"),
        ({"demo": MODEL}, {"demo": MODEL, "second": MODEL}, "does_not_support"),
        (None, {"demo": MODEL}, "not_observed"),
        (None, {}, "supports"),
    ],
)
def test_a_rule_review_is_one_of_the_site_model_as_it_was(
    evidence: Path, seal: Any, then: Any, now: Any, word: str
) -> None:
    record = shown.rule_review()
    record.update(outcome="pass", finished_at=bundle.utc(), due="2999-01-01")
    del record["review"]["models"]
    if then is not None:
        record["review"]["models"] = then
    shown.leave(evidence, record)
    assert verdict(seal(models=now), "1.2.7") == word


def test_what_somebody_attests_later_is_not_held_against_an_older_record() -> None:
    record = {"finished_at": "2026-05-01T10:00:00Z"}
    parts = {name: {key: record, "changed": ["flows"]} for name, key, _word in current.SHOWN.values()}
    row = {"activity": "segmentation_test", "status": "on_time", "last": "2026-06-01"}
    for outcome, changed in (("attested", []), ("pass", ["flows"])):
        (made,) = current.mark([{**row, "occurrences": [{"on": "2026-06-01", "outcome": outcome}]}], parts)
        assert made["changed"] == changed


def test_pictures_are_files_that_the_manifest_covers(seal: Any) -> None:
    path = seal(pictures={"network": shown.picture(), "data-flow": shown.picture("db1 \ud800")}, no_pictures=None)
    assert part(path, "run")["diagrams"] == {"drawn": ["data-flow", "network"], "problem": None}
    assert (path / "diagrams/network.svg").read_text() == shown.picture()
    assert verify_bundle.check_bundle(str(path)) == []
    (path / "diagrams/network.svg").write_text(shown.picture("gw2"))
    (path / "diagrams/data-flow.svg").unlink()
    assert verify_bundle.check_bundle(str(path)) == [
        "diagrams/data-flow.svg is missing",
        "diagrams/network.svg was changed",
    ]


def test_why_there_are_no_pictures_is_told(seal: Any) -> None:
    path = seal(no_pictures="The program dot is not here")
    assert part(path, "run")["diagrams"] == {"drawn": [], "problem": "The program dot is not here"}
    assert "The program dot is not here" in (path / "report.html").read_text()


@pytest.mark.parametrize(
    ("value", "shape", "why"),
    [
        (1, int, ""),
        (True, int, "it is no int"),
        (True, bool, ""),
        (None, (str, None), ""),
        (1, (str, None), "it is no str"),
        ({"a": [{"b": 1}]}, {"a": [{"b": str}]}, "a[0].b is no str"),
        ({}, {"a": str}, "a is not there"),
        ([], {"a": str}, "it is no dict"),
        ("x", [str], "it is no list"),
        ({"a": "x", "more": 1}, {"a": str}, ""),
    ],
)
def test_shapes(value: Any, shape: Any, why: str) -> None:
    assert shapes.misfit(value, shape) == why
