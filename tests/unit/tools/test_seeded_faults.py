# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeded faults fit the tree as it is, are in every layer, and count as caught only when they were seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools.gates.runner import all_gates
from tools.repository import Repository
from tools.seeded_faults import CATCHERS, LAYERS, Fault, load, problems, seed

CHECKOUT = Repository()
FAULTS = load(CHECKOUT)
GATES = [gate.name for gate in all_gates()]


def one(catcher: str) -> Fault:
    return next(fault for fault in FAULTS if fault.catcher == catcher)


def test_every_fault_fits_the_tree_and_every_layer_has_one() -> None:
    assert problems(CHECKOUT, FAULTS, GATES) == []
    assert {fault.catcher for fault in FAULTS} == set(CATCHERS)


def test_several_need_a_scenario_of_more_than_one_role() -> None:
    slow = [fault for fault in FAULTS if not fault.fast]
    assert len(slow) >= 5
    assert len({fault.target for fault in slow}) >= 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"text": "stands nowhere"}, "its text is not there once"),
        ({"text": "e"}, "its text is not there once"),
        ({"layer": "template"}, "is not of the layer template"),
        ({"layer": "cellar"}, "is not of the layer cellar"),
        ({"target": "tests/behaviour/site/test_flows.py"}, "not every run begins with it"),
    ],
)
def test_what_is_stale_is_told(wrong: dict[str, str], told: str) -> None:
    probe = next(fault for fault in FAULTS if fault.layer == "probe")
    others = [fault for fault in FAULTS if fault != probe]
    assert told in " ".join(problems(CHECKOUT, [replace(probe, **wrong), *others], GATES))


def test_a_layer_without_a_fault_and_a_fault_that_is_there_twice_are_told() -> None:
    others = [one for one in FAULTS if one.layer != "probe"]
    assert "no fault is in the layer probe" in problems(CHECKOUT, others, GATES)
    assert f"{FAULTS[0].id}: twice" in problems(CHECKOUT, [*FAULTS, FAULTS[0]], GATES)


def test_a_fault_is_seeded_into_its_file_once(tmp_path: Path) -> None:
    fault = replace(FAULTS[0], file="probe.py")
    place = tmp_path / "probe.py"
    place.write_text(f"a\n{fault.text}\nb\n", encoding="utf-8")
    seed(fault, tmp_path)
    assert place.read_text(encoding="utf-8") == f"a\n{fault.replacement}\nb\n"
    with pytest.raises(ValueError, match="stands 0 times"):
        seed(fault, tmp_path)


@pytest.mark.parametrize("catcher", ["tests", "role", "tamper"])
def test_a_failure_of_another_test_does_not_count(catcher: str) -> None:
    fault = replace(one(catcher), says="test_light")
    assert fault.told_by("..F\nFAILED tests/x.py::test_light[debian12] - AssertionError\n1 failed, 2 passed in 3 s")
    assert not fault.told_by("FAILED tests/x.py::test_dark - AssertionError\n")
    assert not fault.told_by("PASSED tests/x.py::test_light\nfatal: no such host: test_light\n")


def test_an_entry_needs_one_catcher_and_every_key(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for text in ("- {id: a, gate: x, role: y}\n", "- {id: a, gate: x}\n", "- {id: a}\n"):
        (tmp_path / "tests" / "seeded_faults.yml").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="has the keys"):
            load(Repository(tmp_path))


def test_layers_are_folders_of_the_tree() -> None:
    assert [layer for layer, pattern in LAYERS.items() if not CHECKOUT.files(pattern)] == []
