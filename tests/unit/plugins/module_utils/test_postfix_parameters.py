# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of main.cf: what changes, what stays, and that everything can be put back word for word."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils import postfix_main, postfix_parameters
from ansible_collections.ringfence.callcenter.plugins.module_utils.postfix_parameters import Parameters, PostfixError

MAIN = """\
# a comment
myhostname = mail.example
smtpd_milters = inet:localhost:8891,
# in between
    inet:localhost:8892

mynetworks = 127.0.0.0/8
mynetworks = 10.0.0.0/8
"""

NAMES = st.sampled_from(["smtpd_milters", "mynetworks", "relayhost"])
LINES = st.lists(
    st.one_of(
        st.just("# comment\n"),
        st.just("\n"),
        st.builds("{} = {}\n".format, NAMES, st.sampled_from(["a", "", "b, c"])),
        st.just("   more\n"),
    )
)


def test_values_are_those_that_count() -> None:
    """Lines that go on, comments in between, the last of two."""
    assert postfix_main.values(MAIN) == {
        "myhostname": "mail.example",
        "smtpd_milters": "inet:localhost:8891, inet:localhost:8892",
        "mynetworks": "10.0.0.0/8",
    }


@given(LINES)
def test_the_lines_together_are_the_text(lines: list[str]) -> None:
    """Nothing is lost in parsing."""
    text = "".join(lines)
    assert "".join(line.text for line in postfix_main.parse(text)) == text


@given(LINES, NAMES, st.sampled_from(["x", "y z"]))
def test_what_is_set_counts_and_goes_back(lines: list[str], name: str, value: str) -> None:
    """A parameter that is set has the value; with its old line the text is as before."""
    text = "".join(lines)
    was = postfix_main.texts(text).get(name)
    changed = postfix_main.with_lines(text, {name: postfix_main.assignment(name, value)})
    assert postfix_main.values(changed)[name] == value
    assert postfix_main.with_lines(changed, {name: was}) == text


class FakePostfix:
    """Answers postconf and postfix; remembers what it was told."""

    def __init__(self, *, overrides: str = "", check: int = 0, running: bool = True) -> None:
        self.overrides, self.check, self.running = overrides, check, running
        self.calls: list[tuple[str, ...]] = []

    def __call__(self, *argv: str) -> subprocess.CompletedProcess[str]:
        self.calls.append(argv)
        rc = {"check": self.check, "status": 0 if self.running else 1}.get(argv[-1], 0)
        return subprocess.CompletedProcess(argv, rc, self.overrides if argv[-1] == "-P" else "", "bad")


@pytest.fixture
def postfix(monkeypatch: pytest.MonkeyPatch) -> FakePostfix:
    """A Postfix that finds everything right."""
    fake = FakePostfix()
    monkeypatch.setattr(postfix_parameters, "_run", fake)
    return fake


def of_role(tmp_path: Path, name: str = "mail_antivirus") -> Parameters:
    """A role over a main.cf of its own."""
    folder = tmp_path / "postfix"
    folder.mkdir(exist_ok=True)
    if not (folder / "main.cf").exists():
        (folder / "main.cf").write_text(MAIN, encoding="utf-8")
    return Parameters(name, folder=str(folder), store=str(tmp_path / "lib" / "postfix"))


def present(work: Parameters, wanted: dict[str, str]) -> bool:
    """Set parameters; whether anything changed."""
    before = work.text()
    work.refuse(wanted, [])
    after = work.plan_present(before, wanted)
    work.apply(before, after, list(wanted))
    return after != before


def test_set_again_and_put_back(tmp_path: Path, postfix: FakePostfix) -> None:
    """Set once, nothing the second time, and back to the very same text with nothing left behind."""
    work = of_role(tmp_path)
    wanted = {"smtpd_milters": "unix:x", "milter_default_action": "tempfail"}
    assert present(work, wanted)
    assert ("postfix", "-c", work.folder, "reload") in postfix.calls
    assert not present(work, wanted)
    work.apply(work.text(), work.plan_absent(work.text()), None)
    assert work.text() == MAIN
    assert not (tmp_path / "lib").exists()


def test_what_is_no_longer_wanted_goes_back(tmp_path: Path, postfix: FakePostfix) -> None:
    """A parameter that the role drops gets its old line again."""
    work = of_role(tmp_path)
    present(work, {"smtpd_milters": "unix:x", "mynetworks": "::1"})
    present(work, {"mynetworks": "::1"})
    assert postfix_main.values(work.text())["smtpd_milters"].startswith("inet:localhost:8891")


def test_a_refused_file_does_not_stay(tmp_path: Path, postfix: FakePostfix) -> None:
    """postfix check says no: the old main.cf is back."""
    work = of_role(tmp_path)
    postfix.check = 1
    with pytest.raises(PostfixError, match="the old one is back"):
        present(work, {"smtpd_milters": "unix:x"})
    assert work.text() == MAIN


def test_a_reload_that_is_owed_is_made(tmp_path: Path, postfix: FakePostfix) -> None:
    """A run died after writing: the next one reloads though nothing differs."""
    work = of_role(tmp_path)
    present(work, {"smtpd_milters": "unix:x"})
    remembered: dict[str, Any] = json.loads(Path(work.store).read_text(encoding="utf-8"))
    Path(work.store).write_text(json.dumps({**remembered, "reload": True}), encoding="utf-8")
    postfix.calls.clear()
    assert not present(work, {"smtpd_milters": "unix:x"})
    assert ("postfix", "-c", work.folder, "reload") in postfix.calls


def test_refusals(tmp_path: Path, postfix: FakePostfix) -> None:
    """Values of two lines, others' parameters and services with values of their own; exempt ones may."""
    present(of_role(tmp_path, "other"), {"relayhost": "x"})
    postfix.overrides = "submission/inet/smtpd_milters = \n10025/inet/smtpd_milters =\n"
    with pytest.raises(PostfixError) as refused:
        of_role(tmp_path).refuse({"relayhost": "a\nb", "smtpd_milters": "unix:x"}, ["10025/inet"])
    message = str(refused.value)
    assert "not one line" in message
    assert "managed by other" in message
    assert "submission/inet" in message
    assert "10025" not in message


OURS = {"smtpd_milters": ["unix:x"], "non_smtpd_milters": ["unix:x"]}
SITE = """\
smtpd_milters = inet:localhost:11332,
    {inet:localhost:8891, default_action=quarantine}
non_smtpd_milters = $smtpd_milters
milter_default_action = accept
message_size_limit = 1000000
# as\udcf6 \udce4 site wrote it
"""


def shared(work: Parameters, lists: dict[str, list[str]] | None = None) -> tuple[bool, list[str]]:
    """Have our milter among those of others, as the role does; whether anything changed, and what is said."""
    before = work.text()
    wanted = {"milter_default_action": "tempfail"}
    values = work.with_others(before, wanted, OURS if lists is None else lists, {"message_size_limit": 2000000})
    work.refuse(values, [])
    said = work.goes(before, values)
    after = work.plan_present(before, values)
    work.apply(before, after, list(values))
    return after != before, said


def site(tmp_path: Path, text: str = SITE) -> Parameters:
    """A role over a main.cf that a site wrote."""
    work = of_role(tmp_path)
    Path(work.path).write_bytes(text.encode(errors="surrogateescape"))
    return work


def test_milters_of_others_stay_behind_ours_with_the_action_they_had(tmp_path: Path, postfix: FakePostfix) -> None:
    """Ours first, theirs in their order, a reference filled in, and back word for word."""
    work = site(tmp_path)
    changed, said = shared(work)
    assert changed
    assert [text.split(" has ")[1].split(" = ")[0] for text in said] == ["milter_default_action"]
    now = postfix_main.values(work.text())
    whole = "unix:x, { inet:localhost:11332, default_action=accept }, {inet:localhost:8891, default_action=quarantine}"
    assert now["smtpd_milters"] == now["non_smtpd_milters"] == whole
    assert now["message_size_limit"] == "1000000"
    assert shared(site_again(tmp_path)) == (False, [])
    again = site_again(tmp_path)
    again.apply(again.text(), again.plan_absent(again.text()), None)
    assert again.text() == SITE


def site_again(tmp_path: Path) -> Parameters:
    """The next call: it knows no more than what is on disk."""
    return of_role(tmp_path)


def test_a_milter_that_came_later_stays_with_absent(tmp_path: Path, postfix: FakePostfix) -> None:
    """Somebody adds a milter while ours is there: the next run leaves it, and so does absent."""
    work = site(tmp_path)
    shared(work)
    text = work.text().replace("smtpd_milters = unix:x,", "smtpd_milters = inet:localhost:7, unix:x,", 1)
    Path(work.path).write_bytes(text.encode(errors="surrogateescape"))
    again = site_again(tmp_path)
    assert shared(again) == (False, [])
    again.apply(again.text(), again.plan_absent(again.text()), None)
    now = postfix_main.values(again.text())
    assert now["smtpd_milters"].startswith("inet:localhost:7, { inet:localhost:11332")
    assert now["non_smtpd_milters"] == "$smtpd_milters"


def test_an_element_that_is_not_wanted_any_more_goes(tmp_path: Path, postfix: FakePostfix) -> None:
    """What we put in ourselves is no element of others."""
    work = site(tmp_path)
    shared(work, {name: ["unix:x", "unix:more"] for name in OURS})
    assert shared(site_again(tmp_path))[0]
    assert "unix:more" not in work.text()


def test_a_size_of_the_site_that_is_too_large_is_named(tmp_path: Path, postfix: FakePostfix) -> None:
    """A larger limit gives way and is named, and comes back."""
    work = site(tmp_path, SITE.replace("1000000", "9000000"))
    said = shared(work)[1]
    assert any("message_size_limit = 9000000, which becomes '2000000'" in text for text in said)
    assert postfix_main.values(work.text())["message_size_limit"] == "2000000"
    assert not shared(site_again(tmp_path))[0]


@pytest.mark.parametrize(
    ("overrides", "main", "words"),
    [
        ("smtp/inet/receive_override_options=no_milters", "", "master.cf has no_milters .* the service smtp/inet"),
        ("", "receive_override_options = no_milters\n", r"main\.cf has no_milters"),
    ],
)
def test_what_goes_round_every_milter_is_refused(
    tmp_path: Path, postfix: FakePostfix, overrides: str, main: str, words: str
) -> None:
    postfix.overrides = overrides
    with pytest.raises(PostfixError, match=words):
        shared(site(tmp_path, SITE + main))


def test_a_filter_before_the_queue_is_named(tmp_path: Path, postfix: FakePostfix) -> None:
    """Milters see no content there: said once."""
    postfix.overrides = "smtp/inet/smtpd_proxy_filter=127.0.0.1:10025"
    assert any("smtp/inet has smtpd_proxy_filter" in text for text in shared(site(tmp_path))[1])
    assert shared(site_again(tmp_path))[1] == []
