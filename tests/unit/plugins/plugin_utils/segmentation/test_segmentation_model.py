# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a site model has changed since a test: what decides who reaches whom, and not what is said about it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import shapes
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation import model, record, shape
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import Sightings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.plan import Options, Planner
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import SiteView
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import SiteVariables

BASE: dict[str, Any] = {
    "name": "small",
    "about": {"name": "small", "title": "Small"},
    "segments": {"acme": {"vlan": 10, "subnets": ["10.1.10.0/24"], "title": "Acme"}},
    "flows": [{"name": "web", "from": ["acme"], "to": ["db1"], "protocol": "tcp", "ports": [443], "reason": "r"}],
    "hosts": {"db1": {"kinds": ["database"], "segment": "acme", "interfaces": [], "os": "debian12"}},
    "administration": {"sources": ["acme"], "owner": "it"},
}


def change(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    """Sets what is found by a path."""

    def done(site: dict[str, Any]) -> None:
        place = site
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return done


@pytest.mark.parametrize(
    ("act", "wanted"),
    [
        (change("about", "title", to="x"), []),
        (change("flows", 0, "reason", to="x"), []),
        (change("flows", 0, "review_by", to="2027-01-01"), []),
        (change("segments", "acme", "title", to="x"), []),
        (change("administration", "owner", to="x"), []),
        (change("hosts", "db1", "os", to="debian13"), []),
        (change("flows", 0, "ports", to=[80]), ["flows"]),
        (change("flows", to=[]), ["flows"]),
        (change("segments", "acme", "subnets", to=[]), ["segments"]),
        (change("hosts", "ws1", to={"kinds": ["workstation"]}), ["hosts"]),
        (change("hosts", "db1", "segment", to="cards"), ["hosts"]),
        (change("administration", to=None), ["administration"]),
    ],
)
def test_what_changed(act: Callable[[dict[str, Any]], None], wanted: list[str]) -> None:
    then = model.of_sites([SiteVariables(**BASE)])["small"]
    after = copy.deepcopy(BASE)
    act(after)
    assert model.changed(then, model.hashes(SiteVariables(**after))) == wanted


@pytest.mark.parametrize("then", [None, {}, "x", []])
def test_a_record_without_hashes_tells_nothing(then: Any) -> None:
    assert model.changed(then, model.hashes(SiteVariables(**BASE))) is None


def test_a_record_has_its_shape_and_the_hashes(site: SiteView) -> None:
    planner = Planner(site, Options(), list(site.hosts))
    plan = planner.plan("20261126T112418Z", 2, forks=5)
    times = ("2026-11-26T11:24:18Z", "2026-11-26T11:25:00Z")
    made = record.make_record(
        *(planner, plan, Sightings()), times=times, months=6, fail_on=[], problem="", effort={}, model={"flows": "1"}
    )
    assert shapes.misfit(made, shape.RECORD) == ""
    assert made["model"] == {"flows": "1"}
