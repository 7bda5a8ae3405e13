# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pam-auth-update profiles: the texts, and the real tool in a root of our own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import pam_profiles, pam_text
from ansible_collections.ringfence.callcenter.plugins.module_utils.pam_profiles import PamProfiles, PamProfilesError

needs_tool = pytest.mark.skipif(not os.path.exists(pam_profiles.TOOL), reason="pam-auth-update is on Debian only")

PAUSE = """\
Name: Pause
Default: no
Priority: 1024
Auth-Type: Primary
Auth:
 optional pam_faildelay.so delay=4000000
 [success=ignore default=1] pam_succeed_if.so quiet service in su:sudo
 optional pam_faildelay.so delay=6000000
"""
COUNT = """\
Name: Count
Default: no
Priority: 0
Auth-Type: Primary
Auth:
 [default=ignore] pam_faillock.so authfail
"""
UNIX = """\
Name: Unix authentication
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
\t[success=end default=ignore]\tpam_unix.so nullok try_first_pass
Auth-Initial:
\t[success=end default=ignore]\tpam_unix.so nullok
Account-Type: Primary
Account:
\t[success=end new_authtok_reqd=done default=ignore]\tpam_unix.so
Account-Initial:
\t[success=end new_authtok_reqd=done default=ignore]\tpam_unix.so
Session-Type: Additional
Session:
\trequired\tpam_unix.so
"""


def live(kind: str, primary: list[str], additional: list[str]) -> str:
    lines = ["# a header of the administrator", pam_text.PRIMARY, *(f"{kind}\t{line}" for line in primary)]
    lines += [pam_text.FALLBACK, f"{kind}\trequisite\tpam_deny.so", pam_text.ADDITIONAL]
    lines += [*(f"{kind}\t{line}" for line in additional), pam_text.END, "# a footer"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A host with unix passwords only, and our two profiles written but not enabled."""
    profiles, saved = tmp_path / "usr/share/pam-configs", tmp_path / "var/lib/pam"
    for folder in (profiles, saved, tmp_path / "etc/pam.d"):
        folder.mkdir(parents=True)
    (profiles / "unix").write_text(UNIX)
    (profiles / "pause").write_text(PAUSE)
    (profiles / "count").write_text(COUNT)
    (saved / "seen").write_text("unix\n")
    unix = {
        "auth": (["[success=1 default=ignore]\tpam_unix.so nullok"], []),
        "account": (["[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so "], []),
        "password": (["[default=1]\t\t\tpam_permit.so"], []),
        "session": (["[default=1]\t\t\tpam_permit.so"], ["required\tpam_unix.so "]),
        "session-noninteractive": (["[default=1]\t\t\tpam_permit.so"], ["required\tpam_unix.so "]),
    }
    for kind, (primary, additional) in unix.items():
        realm = kind.replace("-noninteractive", "")
        (tmp_path / f"etc/pam.d/common-{kind}").write_text(live(realm, primary, additional))
        text = "".join(
            f"Module: {'null' if 'permit' in line else 'unix'}\n{line.replace('success=1', 'success=end')}\n"
            for line in primary + additional
        )
        (saved / kind).write_text(text)
    return tmp_path


def settle(root: Path, work: PamProfiles, overwrite: bool = False) -> pam_profiles.Outcome:
    """Do on the root what apply does on a host."""
    outcome = work.plan(overwrite_local_edits=overwrite)
    for path, (_before, after) in outcome.texts.items():
        (root / path.lstrip("/")).write_text(after)
    return outcome


def auth(root: Path) -> list[str]:
    """The live lines of common-auth inside the blocks."""
    return [
        pam_text.plain(line.text)
        for line in pam_text.parse_live((root / "etc/pam.d/common-auth").read_text(), "auth") or []
    ]


WANTED = [
    "optional pam_faildelay.so delay=4000000",
    "[success=ignore default=1] pam_succeed_if.so quiet service in su:sudo",
    "optional pam_faildelay.so delay=6000000",
    "[success=2 default=ignore] pam_unix.so nullok try_first_pass",
    "[default=ignore] pam_faillock.so authfail",
]


def both(root: Path) -> PamProfiles:
    return PamProfiles(["pause", "count"], root=str(root))


@needs_tool
def test_enables_and_disables_leaving_no_trace(root: Path) -> None:
    before = {path: path.read_text() for path in (root / "etc/pam.d").iterdir()}
    assert not both(root).is_done()
    assert list(settle(root, both(root)).live) == ["/etc/pam.d/common-auth"]
    assert auth(root) == WANTED
    assert both(root).is_done()
    gone = PamProfiles([], ["pause", "count"], root=str(root))
    assert not gone.is_done()
    settle(root, gone)
    assert {path: path.read_text() for path in (root / "etc/pam.d").iterdir()} == before
    assert PamProfiles([], ["pause", "count"], root=str(root)).is_done()


@needs_tool
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delay=4000000", "delay=0"),
        ("delay=6000000", "delay=1"),
        ("auth\toptional pam_faildelay.so delay=4000000\n", ""),
        ("auth\t[default=ignore] pam_faillock.so authfail\n", ""),
        ("[success=ignore default=1]", "[success=ignore default=2]"),
        ("service in su:sudo", "service in nothing"),
        ("auth\toptional pam_faildelay.so delay=6000000", "#auth\toptional pam_faildelay.so delay=6000000"),
        ("auth\toptional pam_faildelay.so delay=4000000", "# optional  pam_faildelay.so delay=4000000"),
        ("[default=ignore] pam_faillock.so", "required pam_faillock.so"),
    ],
)
def test_repairs_lines_edited_by_hand(root: Path, old: str, new: str) -> None:
    settle(root, both(root))
    path = root / "etc/pam.d/common-auth"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert not both(root).is_done()
    settle(root, both(root))
    assert auth(root) == WANTED


@needs_tool
def test_repairs_a_run_that_died_between_the_two_records(root: Path) -> None:
    saved = (root / "var/lib/pam/auth").read_text()
    settle(root, both(root))
    (root / "var/lib/pam/auth").write_text(saved)
    assert not both(root).is_done()
    settle(root, both(root))
    assert auth(root) == WANTED
    assert both(root).is_done()


@needs_tool
def test_follows_a_changed_profile(root: Path) -> None:
    settle(root, both(root))
    profile = root / "usr/share/pam-configs/pause"
    profile.write_text(PAUSE.replace("4000000", "9000000"))
    assert not both(root).is_done()
    settle(root, both(root))
    assert "optional pam_faildelay.so delay=9000000" in auth(root)


@needs_tool
def test_keeps_what_others_edited(root: Path) -> None:
    path = root / "etc/pam.d/common-auth"
    path.write_text(path.read_text().replace("pam_unix.so nullok", "pam_unix.so"))
    settle(root, both(root))
    assert "[success=2 default=ignore] pam_unix.so try_first_pass" in auth(root)
    assert "# a header of the administrator" in path.read_text()


@needs_tool
def test_a_line_of_nobody_is_named_and_dropped_only_on_demand(root: Path) -> None:
    path = root / "etc/pam.d/common-auth"
    path.write_text(path.read_text().replace(pam_text.FALLBACK, f"auth\trequired\tpam_own.so x\n{pam_text.FALLBACK}"))
    with pytest.raises(PamProfilesError, match=r"common-auth line 4: 'required\tpam_own\.so x'.*overwrite_local_edits"):
        both(root).plan(overwrite_local_edits=False)
    outcome = settle(root, both(root), overwrite=True)
    assert len(outcome.dropped) == 1
    assert auth(root) == WANTED


@needs_tool
def test_marks_that_are_gone_are_named(root: Path) -> None:
    (root / "etc/pam.d/common-auth").write_text("auth required pam_unix.so\n")
    with pytest.raises(PamProfilesError, match="the marks of pam-auth-update are gone"):
        both(root).plan(overwrite_local_edits=False)


@needs_tool
def test_pending_profiles_stand_for_files_to_come(root: Path) -> None:
    (root / "usr/share/pam-configs/pause").unlink()
    with pytest.raises(PamProfilesError, match="there is no profile pause"):
        both(root).check()
    work = PamProfiles(["pause"], pending={"pause": PAUSE}, root=str(root))
    work.check()
    entry = work.diff(work.plan(overwrite_local_edits=False))[0]
    assert entry["before_header"] == "/etc/pam.d/common-auth"
    assert "delay=4000000" in entry["after"]
    assert "delay=4000000" not in entry["before"]


@needs_tool
def test_a_look_ahead_changes_nothing(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root / "etc", copy / "etc")
    both(root).plan(overwrite_local_edits=False)
    for path in (root / "etc/pam.d").iterdir():
        assert path.read_text() == (copy / "etc/pam.d" / path.name).read_text()


OWN_UNIX = UNIX.replace("Default: yes", "Default: no").replace(" nullok", "")
#: What maintainer scripts run, of packages with a profile and of libpam-runtime.
UPGRADES = (
    ["--package"],
    ["--package", "--force"],
    ["--enable", "count"],
    ["--remove", "pause"],
    ["--disable", "count"],
)


def upgrade(root: Path, arguments: list[str]) -> None:
    """Run pam-auth-update as the script of another package does, with the answers of this root alone."""
    folder = root / "debconf"
    folder.mkdir(exist_ok=True)
    for name in ("config.dat", "templates.dat"):
        shutil.copyfile(f"{pam_profiles.DEBCONF}/{name}", folder / name)
    (folder / "conf").write_text(pam_profiles._DEBCONF_CONFIG.format(folder=folder))
    pam_profiles.run_tool(arguments, root=str(root), debconf=str(folder / "conf"))


@needs_tool
@pytest.mark.parametrize("arguments", UPGRADES, ids=" ".join)
def test_what_is_disabled_stays_so_when_packages_come_and_go(root: Path, arguments: list[str]) -> None:
    (root / "usr/share/pam-configs/own").write_text(OWN_UNIX)
    work = PamProfiles(["own", "count"], ["unix"], root=str(root))
    settle(root, work)
    # As apply does, so that the tool's own records follow.
    upgrade(root, work._arguments(force=False))
    assert work.is_done()
    for _again in range(2):
        upgrade(root, arguments)
        assert not [line for line in auth(root) if "nullok" in line]
        assert PamProfiles(["own"], ["unix"], root=str(root)).is_done()


@needs_tool
def test_what_would_come_back_is_not_done_yet(root: Path) -> None:
    (root / "usr/share/pam-configs/own").write_text(OWN_UNIX)
    work = PamProfiles(["own"], ["unix"], root=str(root))
    settle(root, work)
    (root / "var/lib/pam/seen").write_text("own\n")
    assert not work.is_done()
    outcome = settle(root, work)
    assert (outcome.live, list(outcome.texts)) == ({}, [pam_profiles.SEEN])
    assert [entry["before_header"] for entry in work.diff(outcome)] == [pam_profiles.SEEN]
    assert work.is_done()


def test_contradiction_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pam_profiles, "TOOL", "/bin/sh")
    with pytest.raises(PamProfilesError, match="enabled and disabled at once"):
        PamProfiles(["pause"], ["pause"], root=str(root)).check()
    monkeypatch.setattr(pam_profiles, "TOOL", "/no/such/tool")
    with pytest.raises(PamProfilesError, match="not installed"):
        both(root).check()


def test_reads_a_profile_as_the_tool_does() -> None:
    fields = pam_text.parse_profile(UNIX)
    assert pam_text.profile_lines(fields, "session-noninteractive") == [["required\tpam_unix.so"]]
    assert len(pam_text.profile_lines(fields, "auth")) == 2
    assert pam_text.profile_lines(fields, "password") == []
    assert pam_text.parse_profile("Auth-Final:\n x\nSession-Interactive-Only: yes\nSession: a\n").get("Auth") == "x"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("[success=3 default=ignore]\tpam_unix.so nullok", "[success= default=ignore] pam_unix.so"),
        ("[success=end default=ignore]\tpam_unix.so nullok", "[success= default=ignore] pam_unix.so"),
        ("required pam_x.so", "required pam_x.so"),
        ("# comment", "# comment"),
    ],
)
def test_key_is_control_without_jump_and_module(line: str, key: str) -> None:
    assert pam_text.key(line) == key
