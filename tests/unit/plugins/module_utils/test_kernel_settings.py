# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running kernel has otherwise is set, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import kernel_settings
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host
from ansible_collections.ringfence.callcenter.plugins.modules.kernel_settings import wrong

WANTED = {
    "net/ipv4/conf/eth1/rp_filter": "1",
    "net/ipv4/conf/eth1/arp_ignore": "1",
    "net/ipv4/conf/gone/rp_filter": "1",
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A machine of its own with two settings, of which one is as wanted."""
    folder = tmp_path / "proc/sys/net/ipv4/conf/eth1"
    folder.mkdir(parents=True)
    (folder / "rp_filter").write_text("0\n")
    (folder / "arp_ignore").write_text("1\n")
    monkeypatch.setattr(Host, "in_container", False)
    return Host(root=str(tmp_path))


def test_only_what_differs_is_set(host: Host) -> None:
    planned = kernel_settings.plan(host, WANTED)
    assert planned.before == {"net/ipv4/conf/eth1/rp_filter": "0"}
    assert planned.after == {"net/ipv4/conf/eth1/rp_filter": "1"}
    assert planned.missing == ("net/ipv4/conf/gone/rp_filter",)
    kernel_settings.apply(host, planned)
    assert Path(host.at("/proc/sys/net/ipv4/conf/eth1/rp_filter")).read_text() == "1\n"
    assert kernel_settings.plan(Host(root=host.root), WANTED).after == {}


def test_nothing_in_a_container(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Host, "in_container", True)
    assert kernel_settings.plan(host, WANTED) == kernel_settings.Plan({}, {}, ())


def test_what_the_kernel_refuses_is_named(host: Host) -> None:
    planned = kernel_settings.Plan({}, {"net/ipv4/conf": "1"}, ())
    with pytest.raises(OSError, match="directory") as refused:
        kernel_settings.apply(host, planned)
    assert str(refused.value.filename).endswith("/proc/sys/net/ipv4/conf")


@pytest.mark.parametrize("path", ["", "/net/ipv4", "net", "../etc/passwd", "net/../../x/y", "net ipv4/x"])
def test_paths_that_are_none(path: str) -> None:
    assert wrong({path: "1"}) == [path]
    assert wrong({"net/ipv4/ip_forward": "1", "net/ipv4/conf/eth0.100/rp_filter": "1"}) == []
