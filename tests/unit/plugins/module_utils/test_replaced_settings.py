# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file loses when a role writes it: named, and without the values."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import replaced_settings
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_files import ManagedFiles
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import PathSpec


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("TCPSocket 3310\nUser clamav\n", "User clamav\n", "TCPSocket"),
        ("minlen = 16\n# retry = 3\n", "minlen = 12\n", "minlen"),
        ("minlen=16\n", "minlen  =  16\n", None),
        ("export TMOUT=600\n", "", "TMOUT"),
        ('{"policies": {"Homepage": {"URL": "x"}}}', '{"policies": {}}', "policies.Homepage.URL"),
        ("# only words\n\n", "a = 1\n", None),
        ("Caf\xe9 secret\n", "", "Caf"),
        ("".join(f"key{number} 1\n" for number in range(23)), "", "key19 and 3 more"),
    ],
)
def test_what_goes_is_named(before: str, after: str, names: str | None) -> None:
    said = replaced_settings.warning("/etc/example.conf", before.encode("latin-1"), after.encode())
    if names is None:
        assert said is None
    else:
        assert said is not None
        assert f"{names}. They" in said


def test_no_value_is_said() -> None:
    said = replaced_settings.warning("/etc/example.conf", b"HTTPProxyPassword hunter2\n", b"")
    assert said is not None
    assert "hunter2" not in said


@pytest.mark.parametrize("kept_by", ["dpkg", "ucf"])
def test_a_delivered_file_has_nothing_of_a_site(kept_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"minlen = 8\n"
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    dpkg, ucf = tmp_path / "status", tmp_path / "hashfile"
    dpkg.write_text(f"Package: x\nConffiles:\n /etc/x.conf {digest}\n" if kept_by == "dpkg" else "Package: x\n")
    ucf.write_text(f"{digest}  /etc/x.conf\n" if kept_by == "ucf" else "")
    monkeypatch.setattr(replaced_settings, "DPKG_STATUS", str(dpkg))
    monkeypatch.setattr(replaced_settings, "UCF_SUMS", str(ucf))
    assert replaced_settings.warning("/etc/x.conf", content, b"") is None
    assert replaced_settings.warning("/etc/x.conf", content + b"retry = 1\n", b"") is not None
    assert replaced_settings.warning("/etc/y.conf", content, b"") is not None


def test_only_the_first_write_says_it(tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    path.write_text("own = 1\n")
    for expected in (1, 0):
        work = ManagedFiles("tests", root_of_stores=str(tmp_path / "stores"))
        plan = work.plan_present([PathSpec(str(path), "0644", content="ours = 1\n")])
        assert len(work.warnings) == expected
        work.apply(plan)
        path.write_text("own = 1\n")
