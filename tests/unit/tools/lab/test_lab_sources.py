# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Debian packages come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.lab import sources

DEB822 = """\
Types: deb
# a comment between fields
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


def test_own_release_from_deb822() -> None:
    assert sources.debian_lines(sources.parse_deb822(DEB822), "bookworm", "bookworm") == [
        "deb http://mirror.example/debian bookworm main",
        "deb http://mirror.example/debian-security bookworm-security main",
        "deb http://mirror.example/debian bookworm-updates main",
    ]


def test_other_release_uses_the_same_mirrors() -> None:
    assert sources.debian_lines(sources.parse_deb822(DEB822), "trixie", "bookworm") == [
        "deb http://mirror.example/debian trixie main",
        "deb http://mirror.example/debian-security trixie-security main",
        "deb http://mirror.example/debian trixie-updates main",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "deb https://vendor.example/apt cloud-sdk-bookworm main",
        "deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example/apt bookworm main",
        "deb [arch=amd64] https://vendor.example/linux/debian bookworm stable",
        "deb-src http://mirror.example/debian bookworm main",
        "# deb http://mirror.example/debian bookworm main",
        "",
    ],
)
def test_what_is_not_debian_is_left_out(line: str) -> None:
    assert sources.debian_lines(sources.parse_one_line(line), "bookworm", "bookworm") == []


@pytest.mark.parametrize("suite", ["bookworm", "oldstable", "stable"])
def test_one_line_format_and_moving_names(suite: str) -> None:
    options = "[ arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg ]"
    line = f"deb {options} http://m.example/debian {suite} main # a comment"
    assert sources.debian_lines(sources.parse_one_line(line), "trixie", "bookworm") == [
        "deb http://m.example/debian trixie main"
    ]


def test_machine_sources_reads_both_formats_and_mirror_lists(tmp_path: Path) -> None:
    mirrors = tmp_path / "mirrors.list"
    mirrors.write_text("# first\nhttp://first.example/debian\tpriority:1\nhttp://second.example/debian\n")
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(
        f"Types: deb\nURIs: mirror+file:{mirrors}\nSuites: trixie\nComponents: main\n"
    )
    (folder / "old.list.save").write_text("deb http://saved.example/debian trixie main\n")
    (tmp_path / "sources.list").write_text("deb http://classic.example/debian trixie-updates main\n")
    assert sources.debian_lines(sources.machine_sources(tmp_path), "trixie", "trixie") == [
        "deb http://first.example/debian trixie main",
        "deb http://classic.example/debian trixie-updates main",
    ]


def test_host_release(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    assert sources.host_release(release) == ""
    release.write_text('NAME="Debian GNU/Linux"\nVERSION_CODENAME=trixie\n')
    assert sources.host_release(release) == "trixie"
