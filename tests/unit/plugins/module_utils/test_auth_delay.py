# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that makes PostgreSQL wait: others' libraries stay in it, and what would void it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils import auth_delay
from ansible_collections.ringfence.callcenter.plugins.module_utils.auth_delay import AuthDelay, AuthDelayError
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _postgresql
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

NAME = "zz-ours.conf"
INCLUDES = "include_dir = 'conf.d'\n"


def work(root: Path, main: str, *, libraries: tuple[str, ...] = ("auth_delay",), **others: str) -> AuthDelay:
    """A host with one cluster, the files of its conf.d and the libraries that are installed."""
    folder = root / "etc/postgresql/17/main"
    (folder / "conf.d").mkdir(parents=True)
    (folder / "postgresql.conf").write_text(main, encoding="utf-8")
    for name, text in others.items():
        (folder / "conf.d" / f"{name}.conf").write_text(text, encoding="utf-8")
    (root / "usr/lib/postgresql/17/lib").mkdir(parents=True)
    for library in libraries:
        (root / f"usr/lib/postgresql/17/lib/{library}.so").touch()
    return AuthDelay("tests", NAME, host=lambda: Host(str(root)), root_of_stores=str(root / "store"))


def refused(one: AuthDelay) -> list[str]:
    """What stands in the way."""
    with pytest.raises(AuthDelayError) as caught:
        one.present(4000)
    return caught.value.errors


@given(st.lists(st.from_regex(r"[a-z][a-z_']{0,8}", fullmatch=True), max_size=4))
def test_every_library_of_others_stays_and_ours_is_there_once(others: list[str]) -> None:
    """In their order, whatever quotes are in them."""
    text = auth_delay.text(", ".join(others), 4000)
    line = next(line for line in text.splitlines() if line.startswith(_postgresql.LIBRARIES))
    word = line.split(" = ", 1)[1]
    listed = _postgresql.names(_postgresql._plain(word))
    assert [one for one in listed if one in others] == others
    assert listed.count("auth_delay") == max(1, others.count("auth_delay"))
    assert text.endswith("auth_delay.milliseconds = 4000\n")


def test_a_folder_that_is_not_read(tmp_path: Path) -> None:
    """The file would be void."""
    (error,) = refused(work(tmp_path, "port = 5432\n"))
    assert "give it the line include_dir = 'conf.d'" in error


def test_a_file_that_is_read_later_and_a_library_that_is_not_installed(tmp_path: Path) -> None:
    """Both at once."""
    one = work(tmp_path, INCLUDES, zzz="shared_preload_libraries = 'pgaudit'\n")
    errors = refused(one)
    assert "zzz.conf sets shared_preload_libraries and is read after" in errors[0]
    assert "there is no /usr/lib/postgresql/17/lib/pgaudit.so" in errors[1]


def test_what_alter_system_wrote(tmp_path: Path) -> None:
    """It wins over every file."""
    one = work(tmp_path, INCLUDES)
    data = tmp_path / "var/lib/postgresql/17/main"
    data.mkdir(parents=True)
    (data / "postgresql.auto.conf").write_text("auth_delay.milliseconds = '0'\n", encoding="utf-8")
    (error,) = refused(one)
    assert "ALTER SYSTEM RESET auth_delay.milliseconds" in error


def test_nothing_is_done_without_a_cluster(tmp_path: Path) -> None:
    """And nothing is asked."""
    one = AuthDelay("tests", NAME, host=lambda: Host(str(tmp_path)), root_of_stores=str(tmp_path / "store"))
    assert not one.present(4000).changed
    assert not one.absent(restart=True).changed
