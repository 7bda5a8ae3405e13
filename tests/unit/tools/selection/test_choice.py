# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed runs whatever it takes; of the rest the oldest, as far as the time goes; nothing rests unexplained."""

from __future__ import annotations

import pytest

from tools.selection.choice import choose, expected
from tools.selection.records import Record
from tools.selection.units import Inputs

NOW = {name: Inputs({f"roles/{name}/a": "1"}, {}) for name in ("lamp", "stove", "bell", "site", "vm")}


def record(unit: str, day: int, seconds: float = 100, files: dict[str, str] | None = None) -> Record:
    run = {"id": "r", "commit": "0123456789abcdef", "finished": f"2026-11-{day}T10:00:00Z", "seconds": seconds}
    result = {"kind": "behaviour", "id": "t", "release": "debian12", "outcome": "passed"}
    return Record(unit, {**run, "machine": {}}, 7, (result,), Inputs(files or {f"roles/{unit}/a": "1"}, {}))


RECORDS = {one.unit: one for one in (record("lamp", 12), record("stove", 10), record("bell", 11), record("site", 13))}
SITES = {"site": record("site", 13), "newsite": record("newsite", 13)}


def test_what_has_no_record_runs_without_any_time() -> None:
    choice = choose(NOW, RECORDS, 0)
    assert choice.runs == {"vm": "it has no record"}
    assert choice.rests["lamp"] == (
        "all it uses is as it was when 7 tests passed, 2026-11-12T10:00:00Z at 0123456789ab"
    )
    assert list(choice.rests) == ["lamp", "stove", "bell", "site"]


def test_what_changed_runs_and_the_change_is_named() -> None:
    files = {"roles/lamp/a": "2", "roles/lamp/b": "1", "x": "1", "y": "1"}
    choice = choose(NOW, {**RECORDS, "lamp": record("lamp", 12, files=files)}, 0)
    assert choice.runs["lamp"].endswith(": roles/lamp/a, roles/lamp/b, x and 1 more")


def test_the_oldest_first_as_far_as_the_time_goes() -> None:
    records = {**RECORDS, "vm": record("vm", 14)}
    one = expected(["stove"], records)
    assert list(choose(NOW, records, one).runs) == ["stove"]
    assert list(choose(NOW, records, expected(["stove", "bell"], records)).runs) == ["stove", "bell"]
    # Two roles beside each other take less than one after the other.
    assert expected(["stove", "bell"], records) < 2 * one
    assert list(choose(NOW, records, expected(["stove", "bell", "lamp"], records)).runs) == ["lamp", "stove", "bell"]
    assert list(choose(NOW, records, one - 1).runs) == ["site"]
    assert not choose(NOW, records, expected(["site"], records) - 1).runs
    assert list(choose(NOW, records, 10_000).runs) == list(NOW)


def test_one_that_is_too_long_does_not_keep_out_a_shorter_one() -> None:
    records = {**RECORDS, **SITES, "stove": record("stove", 10, seconds=5000)}
    assert "bell" in choose({**NOW, "vm": NOW["vm"]}, {**records, "vm": record("vm", 14)}, 300).runs


def test_all_of_them() -> None:
    choice = choose(NOW, RECORDS, None)
    assert list(choice.runs) == list(NOW)
    assert choice.rests == {}


def test_units_without_a_record_are_not_taken_for_short() -> None:
    assert expected(["vm"], {}) == 0
    assert expected(["vm"], {"site": record("site", 13, seconds=900)}) >= 900


def test_a_role_brings_a_part_of_both_sites() -> None:
    """Less than a whole site takes, and more with a suite; never more than with every role."""
    records = {**RECORDS, **SITES, "site-flows": record("site-flows", 13, seconds=50)}
    nothing = {name: record(name, 13, seconds=0) for name in SITES}
    role, site = expected(["stove"], {**records, **nothing}), 125
    assert role == expected(["site"], records) == site
    assert role < expected(["stove"], records) < role + site
    assert expected(["stove"], records) < expected(["stove", "site-flows"], records) < role + site + 63
    roles = expected(["lamp", "stove", "bell"], {**records, **nothing})
    assert expected(["lamp", "stove", "bell", *SITES], records) == pytest.approx(roles + site)


def test_it_can_be_read() -> None:
    lines = choose(NOW, RECORDS, 0).lines()
    assert lines[0] == "runs  vm     it has no record"
    assert lines[1].startswith("rests lamp   all it uses is as it was when 7 tests passed")
