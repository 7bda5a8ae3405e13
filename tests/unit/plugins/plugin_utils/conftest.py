# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site to make evidence of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog, findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material

CONTROLS: list[dict[str, Any]] = [
    {
        "id": "door.closed",
        "role": "door",
        "title": "The door is closed",
        "kinds": "all",
        "claims": ["inbound-drop"],
        "pci_dss": ["1.2.1", "1.3.1"],
        "checks": [
            {"id": "door.closed.bolt", "aspect": "configured", "probe": "bolt"},
            {"id": "door.closed.now", "aspect": "running", "probe": "bolt"},
        ],
    },
    {
        "id": "door.watched",
        "role": "door",
        "title": "Somebody watches",
        "kinds": ["gateway"],
        "claims": ["login-delay"],
        "pci_dss": ["8.3.4"],
        "checks": [{"id": "door.watched.log", "aspect": "running", "probe": "log"}],
    },
]
LOOK = {
    "hostname": "gw1",
    "os": "Debian",
    "kernel": "6.1",
    "python": "3.11.2",
    "root": True,
    "container": False,
    "seconds": 0.1,
}


def check_of(name: str, **expect: Any) -> dict[str, Any]:
    """A check of CONTROLS by its full id, as a host is asked it."""
    control, _dot, _check = name.rpartition(".")
    return {
        "id": name,
        "control": control,
        "role": "door",
        "aspect": "running",
        "probe": "bolt",
        "with": {},
        "expect": expect,
    }


def finding_of(name: str, status: str, **observed: Any) -> dict[str, Any]:
    """A finding of that check."""
    reason = None if status == "pass" else f"it is {status}"
    return finding(
        check_of(name, bolt="in"), status, observed=observed or {"bolt": "in"}, source="/bolt", reason=reason
    )


def record_of(host: str, statuses: dict[str, str]) -> dict[str, Any]:
    """An observed host's record with these statuses by check."""
    made = [finding_of(name, status) for name, status in statuses.items()]
    seen = {**LOOK, "clock_offset_seconds": 0.0, "clock_uncertainty_seconds": 0.01}
    return findings.record(host, attributes={"kinds": ["gateway"], "groups": []}, findings=made, seen=seen)


GOOD = {"door.closed.bolt": "pass", "door.closed.now": "pass", "door.watched.log": "pass"}


@pytest.fixture(scope="session")
def pci() -> catalog.Catalog:
    """The real catalogue."""
    return catalog.load()


ABOUT = {"collection": {"name": "ringfence.callcenter", "version": "0", "commit": None}, "ansible": None, "python": "3"}


def material_of(pci: catalog.Catalog, site: dict[str, Any], **more: Any) -> Material:
    """What an audit of that site has in hand when it seals."""
    return Material(catalog=pci, about=ABOUT, **{**site, **more})


@pytest.fixture
def site() -> dict[str, Any]:
    """The parts of a bundle of two hosts, one of which was not reached."""
    missing = findings.record(
        "db1",
        attributes={"kinds": ["database"], "groups": []},
        findings=[finding_of("door.closed.bolt", "not_observed")],
        reason="unreachable",
    )
    return {"records": [record_of("gw1", GOOD), missing], "controls": CONTROLS}


@pytest.fixture(scope="session")
def sample() -> SimpleNamespace:
    """The pieces that the site is made of, for tests that make their own."""
    return SimpleNamespace(controls=CONTROLS, good=GOOD, record=record_of, material=material_of)
