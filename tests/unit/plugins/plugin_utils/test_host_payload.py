# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only what the checks need travels."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload

ALWAYS = {
    "masking.py",
    "host_state.py",
    "probe_session.py",
    "probes/__init__.py",
    "probes/base.py",
    "probes/expect.py",
    "probes/runner.py",
}


def test_a_probe_brings_what_it_imports_and_no_other_probe() -> None:
    assert set(host_payload.probe_sources([])) == ALWAYS
    assert set(host_payload.probe_sources(["systemd_unit", "systemd_unit"])) == {*ALWAYS, "probes/systemd_unit.py"}


def test_every_probe_can_be_packed_with_all_it_needs() -> None:
    folder = os.path.join(host_payload.MODULE_UTILS, "probes")
    helpers = {"__init__.py", "base.py", "expect.py", "runner.py"}
    names = [
        name[:-3] for name in os.listdir(folder) if name.endswith(".py") and name not in helpers and name[0] != "_"
    ]
    for name in names:
        for path, text in host_payload.probe_sources([name]).items():
            assert "ansible_collections" not in text, f"{path} must import relatively to travel"


@pytest.mark.parametrize("name", ["no_such_probe", "../masking", "", "base.py"])
def test_an_unknown_probe_is_named(name: str) -> None:
    with pytest.raises(host_payload.PayloadError, match="there is no probe"):
        host_payload.probe_sources([name])


def test_the_payload_of_a_hundred_checks_stays_small() -> None:
    check = {"probe": "systemd_unit", "with": {"unit": "ssh.service"}, "expect": {"active_state": "active"}}
    checks = [
        {**check, "id": f"a.b.c{place}", "control": "a.b", "role": "a", "aspect": "running"} for place in range(100)
    ]
    assert len(host_payload.script(host_payload.pack(host_payload.audit_job(checks)))) < 24_000


def test_the_answer_is_found_between_banners() -> None:
    answer = {"a": "<>", "b": [1]}
    noise = "Welcome <to>\n mark mark> "
    assert host_payload.extract(f"{noise}\nmark<{json.dumps(answer)}>mark\nbye", "mark") == answer


@pytest.mark.parametrize("output", ["", "mark<", ">mark mark<", "mark<{>mark", "rubbish"])
def test_no_answer_is_a_value_error(output: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        host_payload.extract(output, "mark")
