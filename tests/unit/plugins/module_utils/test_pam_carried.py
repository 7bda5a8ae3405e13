# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a site on the lines of a profile that gives way: carried over or named, and back word for word."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import pam_options, pam_profiles
from ansible_collections.ringfence.callcenter.plugins.module_utils.pam_profiles import PamProfiles

from . import test_pam_profiles
from .test_pam_profiles import UNIX, auth

root = test_pam_profiles.root  # the fixture

needs_tool = pytest.mark.skipif(not os.path.exists(pam_profiles.TOOL), reason="pam-auth-update is on Debian only")

OURS = UNIX.replace("Default: yes", "Default: no").replace("Priority: 256", "Priority: 256\nConflicts: unix")
OURS = OURS.replace(" nullok", "")
PASSWORD = "[success=end default=ignore] pam_unix.so obscure yescrypt"


@pytest.mark.parametrize(
    ("found", "stays", "goes"),
    [
        (["obscure", "yescrypt", "rounds=11"], ["rounds=11"], []),
        (["obscure", "sha512", "rounds=65536", "remember=5"], ["sha512", "rounds=65536", "remember=5"], []),
        (["nullok", "md5"], [], ["md5"]),
        (["obscure", "yescrypt", "nodelay", "nullresetok"], [], ["nodelay", "nullresetok"]),
        (["rounds=many"], [], ["rounds=many"]),
    ],
)
def test_what_does_no_harm_stays_and_the_rest_is_named(found: list[str], stays: list[str], goes: list[str]) -> None:
    assert pam_options.carried(PASSWORD, found) == stays
    assert pam_options.lost(PASSWORD, found) == goes
    assert pam_options.is_same(PASSWORD, pam_options.with_options(PASSWORD, stays))


@pytest.mark.parametrize("extra", ["nullok", "md5", "nodelay", "rounds=11 nullok", "rounds=11 rounds=12 x"])
def test_a_line_with_what_goes_is_not_ours(extra: str) -> None:
    assert not pam_options.is_same(PASSWORD, f"{PASSWORD} {extra}")
    assert not pam_options.is_same("required pam_faillock.so", f"required pam_faillock.so {extra}")


def test_what_asks_more_stays_on_a_line_of_pwquality() -> None:
    line = "requisite pam_pwquality.so retry=3"
    assert pam_options.is_same(line, f"{line} difok=4 minclass=3")
    assert not pam_options.is_same(line, f"{line} minlen=6")
    assert pam_options.lost(line, ["retry=3", "minlen=6", "difok=4"]) == ["minlen=6"]


def test_a_weaker_control_is_not_ours() -> None:
    assert not pam_options.is_same(PASSWORD, PASSWORD.replace("default=ignore", "default=ok"))


@pytest.fixture
def host(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The host, on which pam-auth-update works in its own root also when a result goes live."""
    (root / "usr/share/pam-configs/ours").write_text(OURS)
    real, place = pam_profiles.run_tool, str(root)

    def run_tool(arguments: Sequence[str], *, root: str | None = None, debconf: str | None = None) -> str:
        with tempfile.TemporaryDirectory() as folder:
            return real(arguments, root=root or place, debconf=debconf or PamProfiles([])._debconf(folder))

    monkeypatch.setattr(pam_profiles, "run_tool", run_tool)
    return root


def converge(host: Path) -> pam_profiles.Outcome | None:
    work = PamProfiles(["ours"], ["unix"], replaces="unix", root=str(host))
    if work.is_done():
        return None
    outcome = work.plan(overwrite_local_edits=False)
    work.apply(outcome)
    return outcome


def absent(host: Path) -> None:
    work = PamProfiles(["unix"], ["ours"], replaces="unix", root=str(host))
    if not work.is_done():
        work.apply(work.plan(overwrite_local_edits=False))


def edit(host: Path, old: str, new: str, kind: str = "auth") -> None:
    path = host / f"etc/pam.d/common-{kind}"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def live(host: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (host / "etc/pam.d").iterdir()}


@needs_tool
def test_options_are_carried_over_and_the_lines_come_back_word_for_word(host: Path) -> None:
    edit(host, "\tpam_unix.so nullok", "   pam_unix.so  audit nullok nodelay")
    edit(host, "pam_unix.so ", "pam_unix.so no_pass_expiry", "account")
    before = live(host)
    outcome = converge(host)
    assert outcome is not None
    assert outcome.dropped == ["/etc/pam.d/common-auth: pam_unix.so nodelay"]
    assert outcome.carried == [
        "/etc/pam.d/common-auth: pam_unix.so audit",
        "/etc/pam.d/common-account: pam_unix.so no_pass_expiry",
    ]
    assert auth(host) == ["[success=1 default=ignore] pam_unix.so audit"]
    assert b"pam_unix.so no_pass_expiry" in live(host)["common-account"]
    assert converge(host) is None
    absent(host)
    assert live(host) == before
    assert not (host / "var/lib/ringfence").exists()


@needs_tool
def test_an_option_that_a_site_adds_later_stays_here_and_there(host: Path) -> None:
    converge(host)
    edit(host, "pam_unix.so", "pam_unix.so quiet")
    assert converge(host) is None
    edit(host, "pam_unix.so quiet", "pam_unix.so quiet nullok")
    assert converge(host) is not None
    assert auth(host) == ["[success=1 default=ignore] pam_unix.so quiet"]
    absent(host)
    assert auth(host) == ["[success=1 default=ignore] pam_unix.so nullok quiet"]


@needs_tool
def test_a_profile_that_was_off_is_off_again(host: Path) -> None:
    off = PamProfiles(["pause"], ["unix"], root=str(host))
    off.apply(off.plan(overwrite_local_edits=False))
    before = live(host)
    converge(host)
    absent(host)
    assert live(host) == before


@needs_tool
def test_the_lines_of_others_stay_as_they_were_written(host: Path) -> None:
    edit(host, "\tpam_unix.so nullok", "  pam_unix.so   zzz  nullok audit")
    before = live(host)
    for work in (PamProfiles(["pause"], root=str(host)), PamProfiles([], ["pause"], root=str(host))):
        work.apply(work.plan(overwrite_local_edits=False))
    assert live(host) == before


_PASSWORD = "Name: X\nDefault: no\nPriority: {}\nPassword-Type: Primary\nPassword:\n requisite pam_pwquality.so {}\n"
QUALITY = _PASSWORD.format(1024, "retry=3")
LEVELS = _PASSWORD.format(900, "minlen=16")


@needs_tool
def test_what_lines_of_ours_say_is_no_option_of_the_site(host: Path) -> None:
    profiles = host / "usr/share/pam-configs"
    (profiles / "quality").write_text(QUALITY)
    (profiles / "levels").write_text(LEVELS)

    def enable() -> pam_profiles.Outcome:
        work = PamProfiles(["levels", "quality"], root=str(host))
        outcome = work.plan(overwrite_local_edits=False)
        work.apply(outcome)
        return outcome

    assert enable().dropped == []
    edit(host, "retry=3", "retry=3 difok=4 minlen=6", "password")
    (profiles / "levels").write_text(LEVELS.replace("16", "18"))
    assert enable().dropped == ["/etc/pam.d/common-password: pam_pwquality.so minlen=6"]
    text = (host / "etc/pam.d/common-password").read_text()
    assert "pam_pwquality.so retry=3 difok=4\n" in text
    assert "minlen=18" in text


@needs_tool
def test_what_goes_by_the_place_of_a_line_is_not_put_back(host: Path) -> None:
    before = live(host)
    pause = PamProfiles(["pause"], root=str(host))
    pause.apply(pause.plan(overwrite_local_edits=False))
    assert "pam_unix.so nullok try_first_pass" in auth(host)[-1]
    converge(host)
    away = PamProfiles([], ["pause"], root=str(host))
    away.apply(away.plan(overwrite_local_edits=False))
    absent(host)
    assert live(host) == before
