# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions, limits, tags and inventories of a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import run_request
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.run_request import RunRefused

ROLES = ["antivirus", "firewall"]


@pytest.mark.parametrize("version", ["2.9.27", "2.17.14", "2.18.1rc1"])
def test_an_older_core_is_told_what_is_needed(version: str) -> None:
    needed = r"needs 2\.19 or newer: pip install 'ansible-core>=2\.19'"
    with pytest.raises(RunRefused, match=rf"This is ansible-core {version}, and .*{needed}"):
        run_request.check_core(version)


@pytest.mark.parametrize("version", ["2.19.0", "2.19.0b1", "2.20.1", "3.0.0", "devel"])
def test_others_are_welcome(version: str) -> None:
    run_request.check_core(version)


def test_the_oldest_core_is_that_of_the_collections_metadata() -> None:
    root = Path(__file__).resolve().parents[4]
    wanted = ".".join(map(str, run_request.OLDEST_CORE))
    assert f'requires_ansible: ">={wanted}.0"' in (root / "meta" / "runtime.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", ["", "localhost", "gw1,localhost", "localhost:gw1"])
def test_limits_with_this_machine(limit: str) -> None:
    run_request.check_limit(limit)


@pytest.mark.parametrize("limit", ["gw1", "all", "localhosts", "@retry"])
def test_limits_without(limit: str) -> None:
    with pytest.raises(RunRefused, match=f"--limit {limit} would leave it nothing to do"):
        run_request.check_limit(limit)


def test_tags() -> None:
    run_request.check_tags(["all"], [], [])
    run_request.check_tags(["firewall", "tagged"], ["antivirus", "notest", "molecule-notest"], ROLES)
    for run, skip, valid in ((["x"], [], ROLES), (["untagged"], [], ROLES), (["all"], ["x"], ROLES), (["x"], [], [])):
        with pytest.raises(RunRefused, match="No task has what was asked for"):
            run_request.check_tags(run, skip, valid)


def test_the_site_of_an_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "site.yml"
    with pytest.raises(RunRefused, match="it has no site"):
        run_request.check_hosts([], [str(tmp_path)])
    model.touch()
    for source in (str(tmp_path), str(model)):
        assert run_request.site_folder([source]) == str(tmp_path)
        assert run_request.site_model([source, "/other"]) == str(model)
    monkeypatch.chdir(tmp_path)
    assert run_request.site_folder(["site.yml"]) == str(tmp_path)
    assert run_request.site_folder(["h1,h2"]) == str(tmp_path)
    (tmp_path / "b.site.yml").touch()
    with pytest.raises(RunRefused, match=r"Which site model of .* Valid: b\.site\.yml, site\.yml\."):
        run_request.site_model([str(tmp_path)])
    for sources, tried in (
        ([], "nothing, none was named"),
        ([""], "nothing"),
        (["/nonesuch"], r"/nonesuch \(not there\)"),
    ):
        with pytest.raises(RunRefused, match=f"Tried: {tried}"):
            run_request.site_folder(sources)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["title=My site"], "-e title=My site: a value with spaces needs quotes of its own: -e 'title=\"My site\"'"),
        (["client=x title=My big site like=acme"], ": -e 'title=\"My big site\"'"),
        (["client=x", "by=Ana Example"], "-e by=Ana Example: a value with spaces needs quotes of its own"),
        (["word"], "-e word is not KEY=VALUE: name the key, as in -e title=Initech"),
        (["@a.yml", "title='a' b"], "-e title='a' b: a value with spaces needs quotes of its own, as in -e 'title="),
    ],
)
def test_values_with_spaces_need_quotes(options: list[str], says: str) -> None:
    with pytest.raises(RunRefused, match=re.escape(says)):
        run_request.check_answers(["title", "_raw_params"], ["title"], options)


def test_where_an_answer_was_given(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text('---\n# title: x\ntitle: a\n"site": b\n')
    read = {f"@{path}": {"title": "a", "site": "b", "far": 1}, "site=c": {"site": "c"}, "word": None}
    options = ["word", f"@{path}", "site=c"]
    for key, where in (("title", f"{path}:3"), ("site", "-e"), ("far", str(path)), ("none", "")):
        assert run_request.given_in(key, options, read.get) == where
    assert run_request.given_in("site", options[:2], read.get) == f"{path}:4"
