# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed bundle with every status in it, and with texts that formats trip over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, findings, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material

SITE = {"name": "demo", "title": "Demo <&> site"}
ABOUT = {"collection": {"name": "ringfence.callcenter", "version": "0.1.0", "commit": None}, "ansible": None}
#: A formula, markup, what no XML can hold, and a line break.
ODD = "=cmd|' /C calc'!A0 <b>&amp;</b> ]]> \x07 \n é 漢"


def controls_of_all_statuses() -> list[dict[str, Any]]:
    """A control for each status, called after it."""
    return [
        {
            "id": f"door.{status}",
            "role": "door",
            "title": f"The door is {status} & <closed>",
            "kinds": "all",
            "claims": ["inbound-drop"],
            "pci_dss": [requirement],
            "checks": [{"id": f"door.{status}.now", "aspect": "running", "probe": "bolt"}],
        }
        for status, requirement in zip(STATUSES, ("1.2.1", "1.2.2", "1.2.5", "1.2.6", "1.3.1", "1.3.2"), strict=True)
    ]


def finding_of(control: dict[str, Any], status: str) -> dict[str, Any]:
    """A finding of a control's only check with odd texts in it."""
    blind = status in ("not_observed", "error", "not_applicable")
    return {
        "check": control["checks"][0]["id"],
        "control": control["id"],
        "role": "door",
        "aspect": "running",
        "status": status,
        "expected": {"bolt": "in"},
        "observed": None if blind else {"bolt": ODD},
        "source": None if blind else "/etc/<bolt>",
        "observed_at": None if blind else "2026-11-21T21:41:00Z",
        "reason": None if status == "pass" else ODD,
    }


@pytest.fixture
def sealed(tmp_path: Path, pci: Any, sample: Any) -> sealed_bundle.SealedBundle:
    """Read back: one host with a finding of each status, and one that was never reached and has no check."""
    controls = controls_of_all_statuses()
    seen = {**sample.record("gw1", {})["look"]}
    made = [finding_of(control, status) for control, status in zip(controls, STATUSES, strict=True)]
    place = {
        "kinds": ["gateway"],
        "groups": [],
        "address": "10.60.99.1",
        "segment": "management",
        "class": "management",
    }
    records = [
        findings.record("gw1.example", attributes=place, findings=made, seen=seen),
        findings.record("lost", attributes={"kinds": [], "groups": []}, findings=[], reason=ODD),
    ]
    partial = bundle.open_run(str(tmp_path / "evidence"), SITE)
    done = bundle.seal(partial, Material(records=records, controls=controls, catalog=pci, about=ABOUT))
    return sealed_bundle.read(done.path)
