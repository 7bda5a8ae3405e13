# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugin makes of the hosts' answers, those of hosts that failed or did not answer among them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.action import segmentation_test as action
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import CONTROL_PHASE, MAIN_PHASE
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SegmentationError

CONTROL = {"gateway": "gw1"}
SEAT = {"place": "acme", "sources": ["10.1.10.11"], "targets": []}


@pytest.mark.parametrize(
    ("opened", "closed", "problem"),
    [
        ({"changed": False}, {"closed": 4}, ""),
        ({"failed": False, "msg": "nft is not installed"}, {"closed": 0}, "gw1: nft is not installed"),
        ({"changed": False}, {"unreachable": True, "msg": "timed out"}, "gw1: timed out"),
        ({}, {"closed": 4}, "gw1: no answer"),
        ({"changed": False}, {"closed": 0}, "gw1: what was opened on purpose was gone before it was closed"),
    ],
)
def test_why_the_negative_control_was_none(opened: Any, closed: Any, problem: str) -> None:
    answers = {("open", "gw1"): opened, ("close", "gw1"): closed}
    assert action._control_problem(CONTROL, answers) == problem


def test_a_probing_that_failed_says_why() -> None:
    steps = ("control", "probe", "collect")
    answers: dict[tuple[str, str], Any] = {(step, host): {} for step in steps for host in ("ws1", "db1")}
    answers["probe", "ws1"] = {"failed": False, "msg": "no root"}
    answers["collect", "db1"] = {"watched": True, "seen": []}
    found, effort = action._sightings({"probes": {"ws1": [SEAT]}}, answers, ["ws1", "db1"])
    assert found.tried == {(MAIN_PHASE, "ws1", "acme"): "ws1: no root"}
    assert found.watching == {"db1"}
    assert effort == {"packets": 0, "slowest_host_seconds": 0.0, "hosts_trying": 1}


def test_what_was_tried_is_counted() -> None:
    answers: dict[tuple[str, str], Any] = {
        ("control", "ws1"): {"probes": [{**SEAT, "packets": 12, "seconds": 2.0}]},
        ("probe", "ws1"): {"probes": [{**SEAT, "packets": 100, "seconds": 9.5}]},
        ("collect", "ws1"): {},
    }
    found, effort = action._sightings({"probes": {"ws1": [SEAT]}}, answers, ["ws1"])
    assert set(found.tried) == {(CONTROL_PHASE, "ws1", "acme"), (MAIN_PHASE, "ws1", "acme")}
    assert (effort["packets"], effort["slowest_host_seconds"]) == (112, 9.5)


def test_wrong_numbers_are_all_refused_at_once() -> None:
    arguments = {key: low for key, (low, _high) in action._BOUNDS.items()} | {"tcp_ports": [70000], "udp_ports": []}
    arguments["rate"] = 0
    with pytest.raises(SegmentationError) as caught:
        action._check_numbers(arguments)
    assert caught.value.errors == [
        "segmentation_test_rate: 0 is out of range; valid: 1 to 10000",
        "segmentation_test_tcp_ports: 70000 is no port; valid: 1 to 65535",
    ]
