# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed files: written all or none, put back exactly, and right again after a crash at any moment."""

from __future__ import annotations

import getpass
import grp
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils import (
    managed_files,
    managed_plan,
    path_state,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_files import ManagedFiles
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import (
    Activation,
    ManagedFilesError,
    PathSpec,
    Plan,
)

USER, GROUP = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name


class Crash(BaseException):
    """The process is gone: nothing in the code under test may catch it."""


class Site:
    """A folder to manage files in, and a store beside it."""

    def __init__(self, base: Path) -> None:
        self.base, self.files, self.stores = base, base / "files", base / "var" / "ringfence" / "originals"
        self.files.mkdir(parents=True)
        (base / "var").mkdir()

    def wanted(self, name: str, content: str | None = "new\n", **more: Any) -> PathSpec:
        mode = more.pop("mode", "0755" if content is None else "0640")
        return PathSpec(str(self.files / name), mode, USER, GROUP, content, **more)

    def work(self, managed_by: str = "role") -> ManagedFiles:
        return ManagedFiles(managed_by, root_of_stores=str(self.stores))

    def present(self, *wanted: PathSpec, managed_by: str = "role", exclusive: bool = False, run: Any = ()) -> Plan:
        work = self.work(managed_by)
        work.check(wanted, lenient=False)
        plan = work.plan_present(wanted, run, exclusive=exclusive)
        work.validate(plan, wanted, lenient=False)
        if work.needs_writing(plan):
            work.apply(plan)
        return plan

    def absent(self, managed_by: str = "role", run: Any = ()) -> Plan:
        work = self.work(managed_by)
        plan = work.plan_absent(run)
        if work.store.exists:
            work.apply(plan, remove_store=True)
        return plan

    def tree(self) -> dict[str, tuple[Any, ...]]:
        found = {}
        for path in sorted(self.files.rglob("*")):
            state = path_state.observe(str(path))
            found[str(path.relative_to(self.files))] = (state.kind, state.mode, state.content, state.target)
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_writes_content_mode_and_missing_parents(site: Site) -> None:
    plan = site.present(site.wanted("a/b/c.conf", mode="0600"))
    assert plan.changed
    assert site.tree()["a/b/c.conf"] == ("file", 0o600, b"new\n", None)
    assert stat.S_IMODE((site.files / "a").stat().st_mode) == 0o755
    assert not site.present(site.wanted("a/b/c.conf", mode="0600")).changed


def test_puts_back_files_links_modes_and_absence_exactly(site: Site) -> None:
    (site.files / "file").write_text("old\n")
    (site.files / "file").chmod(0o4711)
    (site.files / "link").symlink_to("nowhere")
    (site.files / "folder").mkdir(mode=0o711)
    before = site.tree()
    site.present(
        site.wanted("file"), site.wanted("link"), site.wanted("made/x"), site.wanted("folder", None, mode="0700")
    )
    assert site.tree()["link"][0] == "file"
    assert site.absent().changed
    assert site.tree() == before
    assert list((site.base / "var").iterdir()) == [], "the store and the folders made for it are gone"
    assert not site.absent().changed


def test_the_first_original_is_kept_whatever_happens_later(site: Site) -> None:
    (site.files / "file").write_text("first")
    site.present(site.wanted("file", "second"))
    (site.files / "file").write_text("by hand")
    site.present(site.wanted("file", "third"))
    site.absent()
    assert (site.files / "file").read_text() == "first"


def test_a_file_that_was_right_already_stays_as_it_was(site: Site) -> None:
    (site.files / "file").write_text("new\n")
    (site.files / "file").chmod(0o640)
    assert not site.present(site.wanted("file")).changed
    (site.files / "file").write_text("drift")
    assert site.present(site.wanted("file")).changed
    site.absent()
    assert (site.files / "file").read_text() == "new\n"


def test_a_folder_with_files_of_others_stays(site: Site) -> None:
    site.present(site.wanted("made/x"))
    (site.files / "made" / "theirs").write_text("1")
    plan = site.absent()
    assert "made/x" not in site.tree()
    assert "made/theirs" in site.tree()
    assert str(site.files / "made") not in plan.changed_paths


@pytest.mark.parametrize("first", ["one", "two"])
def test_a_folder_on_the_way_of_two_keepers_goes_with_the_last_of_them(site: Site, first: str) -> None:
    second = {"one": "two", "two": "one"}[first]
    site.present(site.wanted("shared/one.conf"), managed_by="one")
    site.present(site.wanted("shared/two.conf"), managed_by="two")
    assert not site.present(site.wanted("shared/two.conf"), managed_by="two").changed
    site.absent(first)
    assert f"shared/{second}.conf" in site.tree()
    site.absent(second)
    assert site.tree() == {}
    assert list((site.base / "var").iterdir()) == []


def test_originals_are_for_root_only(site: Site) -> None:
    (site.files / "file").write_text("secret")
    site.present(site.wanted("file"))
    store = site.stores / "role"
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in store.iterdir()} == {0o600}


def test_nothing_goes_live_when_one_validator_refuses(site: Site) -> None:
    good = site.wanted("good", validate=[sys.executable, "-c", "pass", "%s"])
    says = "import sys; print('line 1 of', sys.argv[1], file=sys.stderr); sys.exit(3)"
    bad = site.wanted("bad", validate=[sys.executable, "-c", says, "%s"])
    missing = site.wanted("missing", validate=["/no/such/tool", "%s"])
    with pytest.raises(ManagedFilesError) as caught:
        site.present(good, bad, missing)
    assert len(caught.value.errors) == 2
    assert f"line 1 of {site.files}/bad" in caught.value.errors[0], "the candidate's name is translated"
    assert site.tree() == {}
    assert not site.stores.exists()


def test_candidates_are_private_and_gone_afterwards(site: Site) -> None:
    spy = "import os,sys; p=sys.argv[1]; d=os.path.dirname(p); m=lambda x: oct(os.stat(x).st_mode & 0o777)\n"
    spy += f"open({str(site.base / 'seen')!r}, 'w').write(' '.join([p, m(p), m(d), m(os.path.dirname(d))]))"
    site.present(site.wanted("10-name.conf", validate=[sys.executable, "-c", spy, "%s"]))
    path, *modes = (site.base / "seen").read_text().split()
    assert modes == ["0o600", "0o700", "0o700"]
    assert path.endswith("/10-name.conf")
    assert not Path(path).exists()


def test_check_mode_forgives_what_an_earlier_task_would_bring(site: Site) -> None:
    work = site.work()
    item = PathSpec(str(site.files / "x"), "0640", "not_yet_here", "not_yet_here", "1", ("/no/such/tool", "%s"))
    work.check([item], lenient=True)
    plan = work.plan_present([item])
    work.validate(plan, [item], lenient=True)
    assert "not installed yet" in work.warnings[0]
    assert "group: not_yet_here" in managed_plan.diff(plan)[1]["after"]
    with pytest.raises(ManagedFilesError, match=r"no user not_yet_here.*no group not_yet_here"):
        work.check([item], lenient=False)


def test_all_errors_are_named_at_once(site: Site) -> None:
    (site.files / "folder").mkdir()
    site.present(site.wanted("theirs"), managed_by="other")
    (site.files / "alias").symlink_to(site.files / "folder")
    with pytest.raises(ManagedFilesError) as caught:
        site.present(
            PathSpec("relative", "0644", USER, GROUP, "1"),
            PathSpec("/a/../b", "0644", USER, GROUP, "1"),
            site.wanted("x"),
            site.wanted("x"),
            site.wanted("folder/y"),
            site.wanted("alias/y"),
            site.wanted("theirs"),
            site.wanted("folder"),
            site.wanted("theirs", None),
            site.wanted("mode", mode="420"),
            site.wanted("tool", validate=["true"]),
        )
    text = "\n".join(caught.value.errors)
    for expected in (
        "'relative' is not an absolute path",
        "'/a/../b' is not an absolute path",
        "x is listed twice",
        f"alias/y is listed twice (the other time as {site.files}/folder/y)",
        "theirs is managed by other already",
        "folder is wanted as a file but is a folder",
        "theirs is wanted as a folder but is a file",
        "mode '420' is not four octal digits",
        "validate names no %s",
    ):
        assert expected in text


def test_parent_links_of_others_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (site.files / "real").mkdir()
    (site.files / "link").symlink_to("real")
    if os.geteuid() != 0:
        monkeypatch.setattr(os, "geteuid", lambda: -1)
    else:
        os.lchown(site.files / "link", 12345, 12345)
    with pytest.raises(ManagedFilesError, match="behind the link"):
        site.work().check([site.wanted("link/file")], lenient=True)


def test_exclusive_puts_back_what_is_listed_no_more(site: Site) -> None:
    (site.files / "one").write_text("old")
    site.present(site.wanted("one"), site.wanted("two/x"), site.wanted("three/x"))
    plan = site.present(site.wanted("three/x"), exclusive=True)
    assert plan.changed
    assert set(site.tree()) == {"one", "three", "three/x"}
    assert (site.files / "one").read_text() == "old"
    assert not site.present(site.wanted("three/x"), exclusive=True).changed


def test_what_is_no_configuration_by_its_size_is_not_read(site: Site) -> None:
    """No host is to run out of memory over a file."""
    with (site.files / "large").open("wb") as stream:
        stream.truncate(20 * 1024**3)
    with pytest.raises(OSError, match="21474836480 bytes are more than a configuration can have"):
        site.work().plan_present([site.wanted("large")])


def test_exclusive_puts_nothing_back_that_somebody_deleted(site: Site) -> None:
    """What the role took out of a file of others may have been in nobody's interest; absent still puts all back."""
    (site.files / "one").write_text("old")
    (site.files / "two").write_text("old")
    site.present(site.wanted("one"), site.wanted("two"), site.wanted("three"))
    (site.files / "one").unlink()
    plan = site.present(site.wanted("two"), site.wanted("three"), exclusive=True)
    assert not plan.changed
    assert set(site.tree()) == {"two", "three"}
    (site.files / "two").unlink()
    site.absent()
    assert (site.files / "two").read_text() == "old"
    assert not (site.files / "one").exists()


def test_diff_hides_secrets_and_shows_attributes(site: Site) -> None:
    (site.files / "open").write_text("old\n")
    (site.files / "open").chmod(0o600)
    (site.files / "closed").write_text("old secret")
    (site.files / "closed").chmod(0o600)
    plan = site.work().plan_present(
        [site.wanted("open", mode="0640"), site.wanted("closed", "new secret", mode="0600", no_diff=True)]
    )
    content, attributes, hidden = managed_plan.diff(plan)
    assert (content["before_header"], content["before"], content["after"]) == (f"{site.files}/open", "old\n", "new\n")
    assert "mode: '0600'" in attributes["before"]
    assert "mode: '0640'" in attributes["after"]
    assert hidden["before"] != hidden["after"]
    assert "secret" not in hidden["before"] + hidden["after"]


def test_a_file_without_a_meaning_here_counts_as_not_listed(site: Site) -> None:
    yes, no, gone = (["/bin/sh", "-c", "exit 0"], ["/bin/sh", "-c", "exit 1"], ["/no/such/tool"])
    wanted = [site.wanted("a", needs=yes), site.wanted("b", needs=no), site.wanted("c", needs=gone), site.wanted("d")]
    assert [Path(item.path).name for item in ManagedFiles.needed(wanted)] == ["a", "d"]


def marker(site: Site, name: str, rc: int = 0) -> Activation:
    write = f"open({str(site.base / name)!r}, 'a').write('x'); raise SystemExit({rc})"
    return Activation([sys.executable, "-c", write], [str(site.files / name)])


def test_commands_run_for_their_paths_only(site: Site) -> None:
    commands = [marker(site, "one"), marker(site, "two")]
    site.present(site.wanted("one"), site.wanted("three"), run=commands)
    assert (site.base / "one").read_text() == "x"
    assert not (site.base / "two").exists()
    assert not site.present(site.wanted("one"), site.wanted("three"), run=commands).commands
    site.absent(run=commands)
    assert (site.base / "one").read_text() == "xx"


def test_a_command_that_failed_stays_owed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    command = marker(site, "one")

    def broken(_argv: object) -> None:
        raise OSError("broken")

    monkeypatch.setattr(managed_files, "_run", broken)
    with pytest.raises(ManagedFilesError, match="files are in place but"):
        site.present(site.wanted("one"), run=[command])
    monkeypatch.undo()
    plan = site.present(site.wanted("one"), run=[command])
    assert plan.changed
    assert plan.changed_paths == []
    assert (site.base / "one").read_text() == "x"
    assert not site.present(site.wanted("one"), run=[command]).changed


def crash_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Let the process die at the n-th change of the file system (fsync, rename, unlink, mkdir, rmdir …)."""
    left = [calls]
    for name in ("rename", "unlink", "mkdir", "rmdir", "fsync", "fchmod", "chown", "symlink"):
        real = getattr(os, name)

        def dying(*args: Any, _real: Any = real, **kwargs: Any) -> Any:
            if left[0] == 0:
                raise Crash
            left[0] -= 1
            return _real(*args, **kwargs)

        monkeypatch.setattr(os, name, dying)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 60), second=st.integers(0, 60), ended_by=st.sampled_from(["present", "absent"]))
def test_a_crash_anywhere_is_healed_by_the_next_run(
    tmp_path_factory: pytest.TempPathFactory, first: int, second: int, ended_by: str
) -> None:
    site = Site(tmp_path_factory.mktemp("crash"))
    (site.files / "file").write_text("old")
    (site.files / "link").symlink_to("nowhere")
    before = site.tree()
    wanted = [site.wanted("file"), site.wanted("link"), site.wanted("a/b/c"), site.wanted("dir", None, mode="0700")]
    command = marker(site, "file")
    for act, calls in ((lambda: site.present(*wanted, run=[command]), first), (site.absent, second)):
        with pytest.MonkeyPatch.context() as patch:
            crash_after(patch, calls)
            try:
                act()
            except Crash:
                for path in ("file", "link"):
                    assert (site.files / path).exists() or (site.files / path).is_symlink(), "never neither old nor new"
    if ended_by == "present":
        site.present(*wanted, run=[command])
        assert {name: state[2] for name, state in site.tree().items() if state[0] == "file"} == {
            "file": b"new\n",
            "link": b"new\n",
            "a/b/c": b"new\n",
        }
        assert (site.base / "file").exists(), "the command was run in the end"
        assert not site.present(*wanted, run=[command]).changed
    site.absent()
    assert site.tree() == before
    assert not (site.stores / "role").exists()


def test_a_damaged_store_is_named(site: Site) -> None:
    site.present(site.wanted("x"))
    (site.stores / "role" / "index.json").write_text("{")
    with pytest.raises(ManagedFilesError, match="not readable as JSON"):
        site.work()


def test_two_runs_at_once_do_not_mix(site: Site) -> None:
    with site.work("other").store.locked(), pytest.raises(ManagedFilesError, match="another run"):
        site.present(site.wanted("x"))
