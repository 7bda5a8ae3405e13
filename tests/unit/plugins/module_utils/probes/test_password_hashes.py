# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts have a password that is kept by an old scheme, by name only, and by what new ones are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import password_hashes
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable, Observation

WEAK = "$1$rf$Jk5m2tXm0Zzqk1xZb5tA1."
SHADOW = f"""\
root:!unprovisioned:20000:0:99999:7:::
nobody:*:20000:0:99999:7:::
sync::20000:0:99999:7:::
one:$y$j9T$abc$def:20000:0:90:7:::
two:$6$rf$4Vd3YXb0vV3lr8jVfKcLwqR7:20000:0:90:7:::
three:$2b$12$abcdefghijklmnopqrstuv:20000:0:90:7:::
text:*LOCKED-BY-IT-2024:20000:0:90:7:::
locked:!{WEAK}:20000:0:90:7:::
old:ab01FAX.bQRSU:20000:0:90:7:::
older:_J9..rasmBYk8r9AiWNc:20000:0:90:7:::
odd:$8$x$y:20000:0:90:7:::
"""


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Observation:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for path, text in {
        "shadow": SHADOW,
        "passwd": f"root:x:0:0::/:/bin/sh\njoe:{WEAK}:1001:1001::/home/joe:/bin/sh\n",
        "security/opasswd": f"one:1000:2:$6$a$b,{WEAK}\nbroken\n",
        "login.defs": "# ENCRYPT_METHOD NONE\nencrypt_method = DES\nUMASK 022\nENCRYPT_METHOD YESCRYPT\n",
    }.items():
        place = tmp_path / "etc" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="ascii")
    return password_hashes.observe(Host(root=str(tmp_path)), {})


def test_by_scheme(look: Observation) -> None:
    assert look.value["weak"] == [
        "joe: MD5 (/etc/passwd)",
        "locked: MD5",
        "odd: unknown",
        "old: DES",
        "older: BSDI DES",
        "one: MD5 (/etc/security/opasswd)",
    ]
    assert "$" not in str(look)


def test_every_method_that_some_program_may_take(look: Observation) -> None:
    assert look.value["methods"] == ["DES", "YESCRYPT"]


def test_only_root_may_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotObservable, match="needs root"):
        password_hashes.observe(Host(root=str(tmp_path)), {})
