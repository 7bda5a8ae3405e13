# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts have a password that is kept by an old scheme, by name only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import password_hashes
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

SHADOW = """\
root:!:20000:0:99999:7:::
nobody:*:20000:0:99999:7:::
sync::20000:0:99999:7:::
one:$y$j9T$abc$def:20000:0:90:7:::
two:$6$rf$4Vd3YXb0vV3lr8jVfKcLwqR7:20000:0:90:7:::
three:$2b$12$abcdefghijklmnopqrstuv:20000:0:90:7:::
locked:!$1$rf$Jk5m2tXm0Zzqk1xZb5tA1.:20000:0:90:7:::
old:ab01FAX.bQRSU:20000:0:90:7:::
"""


def test_by_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "shadow").write_text(SHADOW, encoding="ascii")
    seen = password_hashes.observe(Host(root=str(tmp_path)), {})
    assert seen.value == {"weak": ["locked: MD5", "old: DES or unknown"]}
    assert "$" not in str(seen)


def test_only_root_may_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotObservable, match="needs root"):
        password_hashes.observe(Host(root=str(tmp_path)), {})
