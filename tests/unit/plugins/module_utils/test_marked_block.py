# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block in a file of others: every byte that is not ours stays, and goes back as it was."""

from __future__ import annotations

import getpass
import grp
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import ManagedFilesError
from ansible_collections.ringfence.callcenter.plugins.module_utils.marked_block import (
    rendered,
    restored,
    with_block,
    without_block,
)
from ansible_collections.ringfence.callcenter.plugins.modules import managed_files as module

BEGIN, END = b"# BEGIN Ansible (ringfence.callcenter.role)\n", b"# END Ansible (ringfence.callcenter.role)\n"
BLOCK = BEGIN + b"one\n" + END

contents = st.lists(
    st.sampled_from([b"\n", b"\r\n", b"\r", b"\xff\xfe", b"caf\xe9", b"x", b"# BEGIN Ansible", b"\x00", b"one", BLOCK])
).map(b"".join)


@given(contents.map(lambda content: without_block(content, "role")))
def test_others_get_their_bytes_back(content: bytes) -> None:
    """Latin-1, no last newline, CRLF, a NUL: set, set again, changed, taken out."""
    once = with_block(content, "role", "one")
    assert once.count(BLOCK) == 1
    assert with_block(once, "role", "one") == once
    other = with_block(once, "role", "two\nthree\n")
    assert other == once.replace(BLOCK, rendered("role", "two\nthree"))
    assert restored(other, content, "role") == content


def test_what_others_did_meanwhile_stays() -> None:
    """In front of the block, behind it, and where it stood between."""
    now = b"early\nfirst\n" + BLOCK + b"late\n"
    assert restored(now, b"first\n", "role") == b"early\nfirst\nlate\n"
    assert with_block(now, "role", "two") == b"early\nfirst\n" + BLOCK.replace(b"one", b"two") + b"late\n"


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        (b"a\n" + BEGIN + b"one\nb\n", b"a\n" + BLOCK + b"b\n"),
        (b"a\n" + b"one\n" + END + b"b\n", b"a\none\nb\n" + BLOCK),
        (b"a\n" + BLOCK + b"b\n" + BLOCK, b"a\n" + BLOCK + b"b\n"),
        (b"a\n" + BEGIN + BLOCK, b"a\n" + BLOCK),
        ((b"a\n" + BLOCK + b"b\n").replace(b"\n", b"\r\n"), b"a\r\n" + BLOCK + b"b\r\n"),
        (b"a\n" + BEGIN + END, b"a\n" + BLOCK),
    ],
)
def test_damaged_blocks_are_mended_without_a_loss(damaged: bytes, mended: bytes) -> None:
    """A mark without its partner takes nothing with it that is not ours."""
    assert with_block(damaged, "role", "one") == mended


class Host:
    """A folder with a file of others, and the module's work on it."""

    def __init__(self, base: Path) -> None:
        self.path = base / "bash.bashrc"
        self.place = {"root_of_stores": str(base / "var" / "ringfence" / "originals")}
        (base / "var").mkdir()

    def run(self, *blocks: str, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        """One call of the module."""
        params = {
            "managed_by": "role",
            "state": "present",
            "files": [],
            "directories": [],
            "directory_mode": "0755",
            "exclusive": True,
            "activate": [],
            "blocks": [{"path": str(self.path), "content": text, "validate": []} for text in blocks],
            **more,
        }
        return module.run(params, check_mode=check_mode, with_diff=True, **self.place)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host whose file is no UTF-8 and has no last newline."""
    host = Host(tmp_path)
    host.path.write_bytes(b"# J\xfcrgen\r\nPS1=x")
    host.path.chmod(0o640)
    return host


def test_the_module_sets_and_takes_out(host: Host) -> None:
    """Mode and bytes of others stay; check mode writes nothing; once is enough."""
    before = host.path.read_bytes()
    assert host.run("one", check_mode=True)["changed"]
    assert host.path.read_bytes() == before
    assert "+" not in host.run("one")["diff"][0]["before"]
    assert host.path.read_bytes() == before + b"\n" + BLOCK
    assert host.path.stat().st_mode & 0o777 == 0o640
    assert not host.run("one")["changed"]
    assert host.run("two")["changed"]
    assert host.run(state="absent")["changed"]
    assert host.path.read_bytes() == before
    assert not host.run(state="absent")["changed"]


def test_a_block_that_is_not_listed_any_more_goes(host: Host) -> None:
    """And with it nothing that others wrote since."""
    host.run("one")
    host.path.write_bytes(host.path.read_bytes() + b"alias l=ls\n")
    assert host.run()["changed"]
    assert host.path.read_bytes() == b"# J\xfcrgen\r\nPS1=x\nalias l=ls\n"


def test_a_file_that_was_kept_whole_becomes_one_with_a_block(host: Host) -> None:
    """What an earlier release kept as a whole file: from now on others may change it."""
    before = host.path.read_bytes()
    whole = {
        "path": str(host.path),
        "content": (b"PS1=x\n" + BLOCK).decode(),
        "secret_content": None,
        "mode": "0640",
        "owner": getpass.getuser(),
        "group": grp.getgrgid(os.getegid()).gr_name,
        "validate": [],
        "no_diff": False,
        "needs": [],
        "carry": [],
        "refuse": [],
        "notices": [],
    }
    host.run(files=[whole])
    assert not host.run("one")["changed"]
    host.path.write_bytes(host.path.read_bytes() + b"late\n")
    host.run(state="absent")
    assert host.path.read_bytes() == b"PS1=x\nlate\n" != before


def test_a_file_that_is_missing_or_led_to(host: Host) -> None:
    """No file, no block; a link is not replaced; a folder is refused."""
    real = host.path.rename(host.path.with_name("real"))
    assert not host.run("one")["changed"]
    host.path.symlink_to(real)
    host.run("one")
    assert host.path.is_symlink()
    assert real.read_bytes().endswith(BLOCK)
    host.path.unlink()
    host.path.mkdir()
    with pytest.raises(ManagedFilesError, match="is a directory"):
        host.run("one")
