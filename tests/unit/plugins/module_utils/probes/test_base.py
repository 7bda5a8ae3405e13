# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is read whatever is in it; what is none, hangs, or never ends, is named and not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import base, file_attributes


def test_files_links_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"caf\xe9\r\nend")
    (tmp_path / "link").symlink_to(tmp_path / "latin")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder").mkdir()
    (tmp_path / "masked").symlink_to("/dev/null")
    host = base.Host(str(tmp_path))
    assert host.read("/latin") == host.read("/link") == "caf\ufffd\nend"
    assert host.read("/masked") == ""
    for name in ("/dangling", "/folder", "/gone", "/latin/below"):
        assert host.read(name) is None, name


def test_what_the_kernel_makes_up_has_no_size_and_is_read() -> None:
    assert "Name:" in (base.Host().read("/proc/self/status") or "")


def test_a_pipe_and_a_device_are_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    host = base.Host(str(tmp_path))
    for name in ("/pipe", "/zero"):
        with pytest.raises(base.NotObservable, match=f"^{name} is no regular file$"):
            host.read(name)


def test_a_file_without_an_end_is_named_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(20 * 1024**3)
    with pytest.raises(base.NotObservable, match=r"^/huge has 21474836480 bytes, more than a configuration can have$"):
        base.Host(str(tmp_path)).read("/huge")


def test_a_file_that_gives_capabilities_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nft").write_text("")
    host, params = base.Host(str(tmp_path)), {"path": "/nft"}
    assert file_attributes.observe(host, params).value["capabilities"] is False
    # Only root can give a file some, so that the kernel's answer is made up.
    given = {(str(tmp_path / "nft"), "security.capability"): b"\x01\x00\x00\x02"}
    monkeypatch.setattr(os, "getxattr", lambda path, name, follow_symlinks=True: given[path, name])
    assert file_attributes.observe(host, params).value["capabilities"] is True
