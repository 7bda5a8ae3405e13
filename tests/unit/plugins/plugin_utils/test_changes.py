# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The auditor's sample, the changes between audits, the scope by class."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, delta, sampling, scope

SITE = {"name": "demo", "title": "Demo"}
NAMES = st.sets(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, max_size=20)


def host(name: str, *kinds: str, **attributes: Any) -> dict[str, Any]:
    return {"host": name, "attributes": {"kinds": list(kinds), **attributes}, "findings": []}


@given(NAMES, st.integers(1, 25), st.text(max_size=20))
def test_a_sample_is_the_same_whoever_draws_it(names: set[str], size: int, seed: str) -> None:
    records = [host(name, "workstation") for name in names]
    asked = {"size": size, "seed": seed}
    one = sampling.sample(asked, records)["kinds"]
    assert one == sampling.sample(asked, records[::-1])["kinds"]
    assert one == [{"kind": "workstation", "hosts": len(names), "drawn": one[0]["drawn"]}]
    assert set(one[0]["drawn"]) <= names
    assert len(one[0]["drawn"]) == min(size, len(names))


def test_the_seed_decides_and_not_the_site() -> None:
    records = [host(f"ws{number}", "workstation") for number in range(50)]
    draws = {tuple(sampling.sample({"size": 3, "seed": str(seed)}, records)["kinds"][0]["drawn"]) for seed in range(40)}
    assert len(draws) > 35


def test_a_sample_can_be_drawn_by_hand() -> None:
    names = ["a", "b", "c", "d"]
    by_hand = sorted(names, key=lambda name: hashlib.sha256(f"s:db:{name}".encode()).hexdigest())[:2]
    records = [host(name, "db") for name in names] + [host("x")]
    assert sampling.sample({"size": 2, "seed": "s"}, records)["kinds"] == [
        {"kind": "db", "hosts": 4, "drawn": sorted(by_hand)},
        {"kind": "none", "hosts": 1, "drawn": ["x"]},
    ]


def test_every_kind_of_a_host_can_draw_it() -> None:
    kinds = sampling.sample({"size": 1, "seed": "s"}, [host("log1", "log_server", "backup_server")])["kinds"]
    assert [row["kind"] for row in kinds] == ["backup_server", "log_server"]


def test_what_is_wrong_with_a_sample_is_said_at_once() -> None:
    with pytest.raises(sampling.SampleError) as caught:
        sampling.check({"size": 0, "sed": "x"})
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "audit_sample.sed",
        "audit_sample.size",
        "audit_sample.seed",
    ]
    assert sampling.check({"size": "3", "seed": 4711}) == {"size": 3, "seed": "4711"}
    assert sampling.check(None) is None


def test_the_program_in_the_bundle_draws_the_same(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    asked = {"size": 1, "seed": "an auditor's word"}
    made = bundle.seal(bundle.open_run(str(tmp_path), SITE), sample.material(pci, site, sample=asked))
    argv = [sys.executable, "-I", "-S", "verify.py", "--sample", "1", "--seed", asked["seed"]]
    done = subprocess.run(argv, cwd=made.path, capture_output=True, text=True, check=True)
    assert done.stdout == "database: db1 (1 of 1)\ngateway: gw1 (1 of 1)\n"
    assert made.contents.parts["sample"]["kinds"][0] == {"kind": "database", "hosts": 1, "drawn": ["db1"]}
    assert subprocess.run(argv[:-2], cwd=made.path, capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize(
    ("before", "now", "word"),
    [
        ("pass", "fail", "drifted"),
        ("pass", "not_observed", "drifted"),
        (None, "fail", "new"),
        ("not_applicable", "error", "new"),
        ("fail", "fail", "still_open"),
        ("fail", "excepted", "still_open"),
        ("not_observed", "fail", "still_open"),
        ("fail", "pass", "fixed"),
        ("excepted", "pass", "fixed"),
        ("fail", None, "no_longer_checked"),
        ("error", "not_applicable", "no_longer_checked"),
        ("pass", "pass", None),
        ("pass", None, None),
        (None, "pass", None),
        ("not_applicable", "pass", None),
    ],
)
def test_one_word_for_a_change(before: str | None, now: str | None, word: str | None) -> None:
    assert delta.change(before, now) == word


def test_changes_are_told_against_the_bundle_before(tmp_path: Path, pci: Any, sample: Any) -> None:
    def seal(**more: Any) -> Any:
        statuses = more.pop("statuses")
        records = [sample.record(name, one) for name, one in statuses.items()]
        material = sample.material(pci, {"records": records, "controls": sample.controls}, **more)
        return bundle.seal(bundle.open_run(str(tmp_path), SITE), material)

    bad = {**sample.good, "door.closed.now": "fail"}
    first = seal(statuses={"gw1": bad, "gone": bad, "gw2": sample.good})
    assert first.contents.parts["delta"]["compared_with"] is None
    second = seal(statuses={"gw1": sample.good, "gw2": bad, "gw3": bad})
    told = second.contents.parts["delta"]
    assert told["compared_with"] == first.run["run"]
    rows = {word: [(row["host"], row["before"], row["now"]) for row in told[word]] for word in delta.CHANGES}
    assert rows == {
        "drifted": [("gw2", "pass", "fail")],
        "new": [("gw3", None, "fail")],
        "still_open": [],
        "fixed": [("gw1", "fail", "pass")],
        "no_longer_checked": [("gone", "fail", None)],
    }
    third = seal(statuses={"gw1": bad}, compare_with=first.run["run"]).contents.parts["delta"]
    assert third["compared_with"] == first.run["run"]
    assert [row["host"] for row in third["still_open"]] == ["gw1"]


def test_a_bundle_before_that_was_altered_is_red(tmp_path: Path, pci: Any, site: Any, sample: Any) -> None:
    first = bundle.seal(bundle.open_run(str(tmp_path), SITE), sample.material(pci, site))
    good = bundle.seal(bundle.open_run(str(tmp_path), SITE), sample.material(pci, site)).contents
    assert {one["check"]: one["status"] for one in good.site["findings"]}["evidence.chain.previous"] == "pass"
    latest = tmp_path / str(good.parts["run"]["run"])
    (latest / "hosts" / "gw1.json").write_text("{")
    made = bundle.seal(bundle.open_run(str(tmp_path), SITE), sample.material(pci, site)).contents
    found = {one["check"]: one for one in made.site["findings"]}["evidence.chain.previous"]
    assert (found["status"], found["reason"]) == ("fail", "hosts/gw1.json was changed")
    assert "the bundle cannot be read" in made.parts["delta"]["problem"]
    assert first.run["run"] != made.parts["delta"]["compared_with"]


def test_the_scope_by_class(tmp_path: Path, pci: Any, sample: Any) -> None:
    records = [sample.record(name, sample.good) for name in ("db1", "ws1", "ws2", "odd")]
    for record, (name, segment) in zip(records, [("card_data", "card"), ("client", "acme"), ("client", "globex")]):
        record["attributes"].update({"class": name, "segment": segment})
    told = scope.by_class(records)
    assert [(row["class"], row["hosts"], row["segments"]) for row in told["classes"]] == [
        ("card_data", ["db1"], ["card"]),
        ("client", ["ws1", "ws2"], ["acme", "globex"]),
    ]
    assert told["classes"][1]["counts"]["pass"] == 6
    assert told["unclassified"] == ["odd"]
    assert scope.by_class([host("plain")]) == {"classes": [], "unclassified": []}

    def seal(hosts: list[dict[str, Any]]) -> Any:
        material = sample.material(pci, {"records": hosts, "controls": sample.controls})
        return bundle.seal(bundle.open_run(str(tmp_path), SITE), material).contents

    def evidence(made: Any) -> str:
        return next(str(row["evidence"]) for row in made.parts["claims"] if row["id"] == "data-classified")

    assert evidence(seal(records)) == "does_not_support"
    assert evidence(seal(records[:3])) == "supports"
    records[3]["attributes"].pop("class", None)
    assert evidence(seal(records[3:])) == "not_covered"
