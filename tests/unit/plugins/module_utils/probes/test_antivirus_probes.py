# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of the antivirus: headers of databases, the scanner's answer, jobs of timers, Postfix's parameters."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _clamav,
    clamav_database,
    clamav_on_access,
    clamd,
    postfix_settings,
    timed_job,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Completed,
    Host,
    NotApplicable,
    NotObservable,
)

HEADER = "ClamAV-VDB:{}:7:2:216:e216993e:X:builder:1795300079"


class FakeHost(Host):
    """A root of its own and commands with known answers."""

    def __init__(self, root: Path, answers: dict[str, str] | None = None, rc: int = 0) -> None:
        super().__init__(str(root), timeout=2)
        self.answers, self.rc = answers or {}, rc

    def run(self, *argv: str, **_more: Any) -> Completed:  # type: ignore[override]  # nothing else counts
        line = " ".join(argv)
        return Completed(self.rc, next((text for part, text in self.answers.items() if part in line), ""), "broken")


def database(root: Path, name: str, built: float, *, header: str = HEADER) -> None:
    """A database with a header, built at a time."""
    folder = root / "var/lib/clamav"
    folder.mkdir(parents=True, exist_ok=True)
    text = header.format(time.strftime("%d %b %Y %H-%M +0000", time.gmtime(built)))
    (folder / name).write_bytes(text.encode().ljust(512) + b"\x1f\x8b\xff")


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_the_build_time_is_read_back(seconds: int) -> None:
    """To the minute, in every year."""
    text = time.strftime("%d %b %Y %H-%M +0000", time.gmtime(seconds))
    assert _clamav.parse_time(text) == seconds - seconds % 60


@pytest.mark.parametrize("text", ["", "31 Feb 2026 10-00 +0000", "1 Foo 2026 10-00 +0000", "01 Jan 2026 25-00 +0000"])
def test_what_is_no_time_is_none(text: str) -> None:
    """Days and months that are none."""
    assert _clamav.parse_time(text) is None


def test_an_offset_counts() -> None:
    """Ten o'clock in Berlin is nine o'clock."""
    assert _clamav.parse_time("01 Jan 1970 10-00 +0100") == 9 * 3600


def test_the_newest_database_decides(tmp_path: Path) -> None:
    """Only those that are named, and by their header, whatever the time of the file is."""
    now = time.time()
    database(tmp_path, "daily.cld", now - 5 * 3600)
    database(tmp_path, "other.cud", now)
    os.utime(tmp_path / "var/lib/clamav/daily.cld", (0, 0))
    seen = clamav_database.observe(FakeHost(tmp_path), {"names": ["daily"]}).value
    assert seen["files"] == ["daily.cld"]
    assert 4.9 <= seen["age_hours"] <= 5.1
    assert seen["version"] == 7


def test_no_database_and_a_broken_one(tmp_path: Path) -> None:
    """Neither has an age."""
    assert clamav_database.observe(FakeHost(tmp_path), {"names": ["daily"]}).value["age_hours"] is None
    database(tmp_path, "daily.cvd", 0, header="not a database")
    seen = clamav_database.observe(FakeHost(tmp_path), {"names": ["daily"]}).value
    assert (seen["unreadable"], seen["age_hours"]) == (["daily.cvd"], None)


def test_a_scanner_that_answers_and_one_that_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket with somebody behind it, and none."""
    monkeypatch.chdir(tmp_path)  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        os.chmod("s", 0o666)
        server.listen()

        def serve() -> None:
            for answer in (b"PONG\0", b"ClamAV 1.4\0"):
                with server.accept()[0] as stream:
                    stream.recv(100)
                    stream.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        host = FakeHost(Path("/"))
        seen = clamd.observe(host, {"socket": "s"}).value
        thread.join()
    assert seen == {"answers": True, "version": "ClamAV 1.4", "others_may_ask": True}
    assert clamd.observe(host, {"socket": "none"}).value["answers"] is False


TIMER = (
    "UnitFileState=enabled\nActiveState=active\nUnit=scan.service\nNextElapseUSecRealtime={}\nFragmentPath=/t.timer\n"
)
JOB = {"timer": "x.timer", "service": "scan.service", "job": "scan", "folder": "/records", "max_age_hours": 50}


def job(tmp_path: Path, *, result: str | None, good: float | None, **more: Any) -> dict[str, Any]:
    """What is observed of a job that wrote this down."""
    (tmp_path / "records").mkdir()
    (tmp_path / "t.timer").write_text("", encoding="utf-8")
    if result:
        (tmp_path / "records/scan.result").write_text(result + "\n", encoding="utf-8")
    if good is not None:
        (tmp_path / "records/scan.ok").write_text(f"{int(good)}\n", encoding="utf-8")
    soon = time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + 7200))
    answers = {"x.timer": TIMER.format(soon), "scan.service": "Requires=a.service b.mount\nAfter=a.service c.service\n"}
    return timed_job.observe(FakeHost(tmp_path, {**answers, **more}), JOB).value


def test_a_job_that_runs_as_it_should(tmp_path: Path) -> None:
    """Everything about it."""
    seen = job(tmp_path, result="success", good=time.time() - 3600)
    assert (seen["timer_enabled"], seen["timer_active"], seen["starts"]) == (True, True, "scan.service")
    assert 1.9 <= seen["next_hours"] <= 2.1
    assert seen["waits_for"] == ["a.service"]
    assert (seen["last_result"], seen["overdue"]) == ("success", False)


@pytest.mark.parametrize("hours", [51, -3])
def test_a_job_whose_last_good_run_is_long_ago_or_to_come(tmp_path: Path, hours: float) -> None:
    """Both are overdue."""
    assert job(tmp_path, result="exit-code", good=time.time() - hours * 3600)["overdue"] is True


def test_a_job_that_never_ran_is_due_from_its_timer_on(tmp_path: Path) -> None:
    """New: not yet overdue. The timer put in place long ago: overdue."""
    seen = job(tmp_path, result=None, good=None)
    assert (seen["last_result"], seen["last_success"], seen["overdue"]) == ("never", None, False)
    os.utime(tmp_path / "t.timer", (0, 0))
    host = FakeHost(tmp_path, {"x.timer": TIMER.format("")})
    assert timed_job.observe(host, JOB).value["overdue"] is True
    with pytest.raises(NotObservable):
        timed_job.observe(FakeHost(tmp_path, rc=1), JOB)


def never(tmp_path: Path, hours: float, *, state: str = "inactive", **more: Any) -> dict[str, Any]:
    """What is observed of a job that was put in place so long ago, is asked for after 26 hours, and never ran."""
    (tmp_path / "records").mkdir(parents=True)
    (tmp_path / "t.timer").write_text("", encoding="utf-8")
    for path in ("records", "t.timer"):
        os.utime(tmp_path / path, (time.time() - hours * 3600,) * 2)
    answers = {"x.timer": TIMER.format(""), "scan.service": f"ActiveState={state}\n"}
    return timed_job.observe(FakeHost(tmp_path, answers), {**JOB, "first_hours": 26, **more}).value


def test_a_job_that_never_ran_is_no_pass_before_it_is_due_and_red_then(tmp_path: Path) -> None:
    """The reason says until when; one that runs for the first time may take as long as it is allowed to."""
    with pytest.raises(NotApplicable, match=r"^scan has not run yet: it is due by 20\d\d-.*Z, and red then$"):
        never(tmp_path / "new", 25)
    assert never(tmp_path / "due", 27)["overdue"] is True
    with pytest.raises(NotApplicable, match="scan runs for the first time: it is due by"):
        never(tmp_path / "running", 27, state="activating")
    assert never(tmp_path / "hanging", 51, state="activating")["overdue"] is True


def test_a_timer_that_was_edited_does_not_make_a_job_new(tmp_path: Path) -> None:
    """Nor does one whose folder is new; nor a clock that was ahead."""
    with pytest.raises(NotApplicable):
        never(tmp_path / "a", 1)
    os.utime(tmp_path / "a/records", (0, 0))
    answers = {"x.timer": TIMER.format(""), "scan.service": ""}
    assert timed_job.observe(FakeHost(tmp_path / "a", answers), {**JOB, "first_hours": 26}).value["overdue"] is True
    assert never(tmp_path / "b", -3)["overdue"] is True


def test_a_job_that_ran_is_judged_by_its_run(tmp_path: Path) -> None:
    """However new it is."""
    (tmp_path / "records").mkdir()
    (tmp_path / "t.timer").write_text("", encoding="utf-8")
    (tmp_path / "records/scan.result").write_text("exit-code\n", encoding="utf-8")
    answers = {"x.timer": TIMER.format(""), "scan.service": ""}
    seen = timed_job.observe(FakeHost(tmp_path, answers), {**JOB, "first_hours": 26}).value
    assert (seen["last_result"], seen["overdue"]) == ("exit-code", True)


def test_on_access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks of the kernel, folders of the configuration; not applicable without the kernel's help."""
    (tmp_path / "proc/7/fdinfo").mkdir(parents=True)
    (tmp_path / "proc/7/fdinfo/3").write_text(
        "pos:\t0\nfanotify flags:4 event-flags:0\nfanotify ino:1 sdev:2 mflags:0\nfanotify mnt_id:9 mflags:0\n",
        encoding="utf-8",
    )
    (tmp_path / "etc/clamav").mkdir(parents=True)
    (tmp_path / "etc/clamav/clamd.conf").write_text(
        "OnAccessIncludePath /media\nOnAccessIncludePath /home\n# no\nOnAccessPrevention yes\n", encoding="utf-8"
    )
    host = FakeHost(tmp_path, {"show": "ActiveState=active\nMainPID=7\n"})
    monkeypatch.setattr(clamav_on_access, "kernel_refusal", lambda: None)
    seen = clamav_on_access.observe(host, {"unit": "x.service"}).value
    assert seen == {"active": True, "prevents": True, "paths": ["/home", "/media"], "marks": 2}
    monkeypatch.setattr(clamav_on_access, "kernel_refusal", lambda: "the kernel has none")
    with pytest.raises(NotApplicable, match="the kernel has none"):
        clamav_on_access.observe(host, {"unit": "x.service"})


def test_postfix_values_and_overrides(tmp_path: Path) -> None:
    """Values with one space between words; a service's own value, unless it is exempt or has none of the words."""
    answers = {
        "postconf -x": "smtpd_milters = unix:a,\tinet:b\nreceive_override_options =\n",
        "postconf -P": "submission/inet/smtpd_milters =\n10025/inet/smtpd_milters =\n"
        "smtp/inet/receive_override_options = no_address_mappings\nx/inet/receive_override_options = no_milters\n",
    }
    params = {
        "parameters": ["smtpd_milters", "receive_override_options"],
        "words": {"receive_override_options": ["no_milters"]},
        "services_exempt": ["10025/inet"],
    }
    seen = postfix_settings.observe(FakeHost(tmp_path, answers), params).value
    assert seen["smtpd_milters"] == "unix:a inet:b"
    assert seen["receive_override_options"] == ""
    assert seen["overrides"] == ["submission/inet/smtpd_milters=", "x/inet/receive_override_options=no_milters"]
    assert seen["running"] is True
    with pytest.raises(NotObservable, match="broken"):
        postfix_settings.observe(FakeHost(tmp_path, rc=1), params)
