# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy files as browsers read them: order, broken ones, who can change them, what contradicts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import ABSENT, FILE, PathState
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _browser_policies as files,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    browser_policies,
    browser_policy_files,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host
from ansible_collections.ringfence.callcenter.plugins.modules.browser_policy_files import look

MANAGED = "etc/chromium/policies/managed"
OURS = f"{MANAGED}/zz-ringfence.json"
FIREFOX = "etc/firefox/policies/policies.json"
BESIDE = "usr/lib/firefox-esr/distribution/policies.json"
WANTED = {"URLBlocklist": ["*"], "PrintingEnabled": False}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host whose files belong to whoever runs the test."""
    monkeypatch.setattr(browser_policy_files, "_ROOT", os.geteuid())
    return Host(root=str(tmp_path))


def put(host: Host, path: str, content: object) -> Path:
    """Write a file below the host's root."""
    place = Path(host.root) / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content if isinstance(content, str) else json.dumps(content))
    place.chmod(0o644)
    return place


def seen(host: Host, browser: str = "chromium") -> dict[str, Any]:
    """The browser's policies as the probe tells them."""
    keys = {browser: ["URLBlocklist", "PrintingEnabled"]}
    found: dict[str, Any] = browser_policies.observe(Host(root=host.root), {"keys": keys}).value["policies"][browser]
    return found


def around(host: Host, browser: str = "chromium") -> dict[str, Any]:
    """What the probe of the files tells."""
    return browser_policy_files.observe(Host(root=host.root), {"policies": {browser: WANTED}}).value


GOOD = {"writable": [], "unreadable": [], "overridden": []}


def test_no_file_means_no_policy(host: Host) -> None:
    assert seen(host) == {}
    assert around(host) == GOOD


def test_the_last_file_of_a_folder_counts(host: Host) -> None:
    put(host, OURS, WANTED)
    put(host, f"{MANAGED}/aa.json", {"URLBlocklist": [], "Other": 1})
    assert seen(host) == WANTED
    assert around(host) == {**GOOD, "overridden": [f"/{MANAGED}/aa.json: URLBlocklist"]}
    put(host, f"{MANAGED}/zzz", {"URLBlocklist": []})
    assert seen(host)["URLBlocklist"] == []
    assert around(host)["overridden"] == []


def test_other_keys_beside_ours_are_nobodys_business(host: Host) -> None:
    put(host, OURS, WANTED)
    put(host, f"{MANAGED}/aa.json", {"HomepageLocation": "https://x.example", "PrintingEnabled": False})
    assert around(host) == GOOD


def test_comments_and_commas_that_chromium_takes(host: Host) -> None:
    put(host, OURS, '{ // all\n "URLBlocklist": ["*" /* , */ ,], "PrintingEnabled": false, }')
    assert seen(host) == WANTED
    put(host, OURS, '{"URLBlocklist": ["http://a//b", "/*", ",]"]}')
    assert seen(host) == {"URLBlocklist": ["http://a//b", "/*", ",]"]}


@pytest.mark.parametrize("text", ["{", "[]", "", "null"])
def test_a_broken_file_is_left_out_and_named(host: Host, text: str) -> None:
    put(host, OURS, WANTED)
    put(host, f"{MANAGED}/zzz.json", text)
    assert seen(host) == WANTED
    assert around(host) == {**GOOD, "unreadable": [f"/{MANAGED}/zzz.json"]}


def test_firefox_reads_etc_and_the_program_folder_only_without_it(host: Host) -> None:
    put(host, BESIDE, {"policies": {"URLBlocklist": []}})
    assert seen(host, "firefox") == {"URLBlocklist": []}
    put(host, FIREFOX, {"policies": WANTED})
    assert seen(host, "firefox") == WANTED
    assert around(host, "firefox")["overridden"] == [f"/{BESIDE}: URLBlocklist"]
    put(host, FIREFOX, "{")
    assert seen(host, "firefox") == {}


@pytest.mark.parametrize("path", [OURS, MANAGED, "etc/chromium", f"{MANAGED}/aa.json"])
def test_what_others_can_change_is_named(host: Host, path: str) -> None:
    put(host, OURS, WANTED)
    put(host, f"{MANAGED}/aa.json", {})
    assert around(host) == GOOD
    place = Path(host.root) / path
    place.chmod(place.stat().st_mode | 0o020)
    assert around(host) == {**GOOD, "writable": [f"/{path}"]}


def test_a_link_and_another_owner_are_named(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    put(host, "elsewhere.json", WANTED)
    put(host, f"{MANAGED}/aa.json", {})
    (Path(host.root) / OURS).symlink_to(Path(host.root) / "elsewhere.json")
    assert around(host)["writable"] == [f"/{OURS}"]
    monkeypatch.setattr(browser_policy_files, "_ROOT", os.geteuid() + 1)
    assert f"/{MANAGED}" in around(host)["writable"]


def test_the_module_takes_out_what_contradicts_and_what_is_broken(host: Host) -> None:
    put(host, OURS, WANTED)
    put(host, f"{MANAGED}/aa.json", {"URLBlocklist": [], "HomepageLocation": "y"})
    put(host, f"{MANAGED}/bb.json", "{")
    put(host, f"{MANAGED}/cc.json", files.empty_text("chromium"))
    put(host, f"{MANAGED}/dd.json", {"HomepageLocation": "x"})
    saved = {f"/{MANAGED}/cc.json": PathState(FILE, content=b"{}")}
    written, conflicts = look(Host(root=host.root), {"chromium": WANTED}, saved)
    contents = {Path(path).name: json.loads(text) for path, text in written.items()}
    others = {"aa.json": {"HomepageLocation": "y"}, "bb.json": {}, "cc.json": {}}
    assert contents == {**others, "zz-ringfence.json": WANTED}
    assert conflicts == {f"/{MANAGED}/aa.json": ["URLBlocklist"]}
    assert list(look(Host(root=host.root), {"chromium": WANTED}, saved, keep=True)[0]) == [f"/{OURS}"]
    with pytest.raises(ValueError, match="no browser opera"):
        look(host, {"opera": {}}, {})


@pytest.mark.parametrize("path", [files.FIREFOX, files.FIREFOX_BESIDE[0]])
def test_what_firefox_was_told_before_and_does_not_contradict_stays(host: Host, path: str) -> None:
    site = {"policies": {"Homepage": {"URL": "https://site.example"}, "DisablePrivateBrowsing": False}}
    wanted = {"DisablePrivateBrowsing": True}
    put(host, path.lstrip("/"), site)
    first = {place: json.loads(text) for place, text in look(host, {"firefox": wanted}, {})[0].items()}
    merged = {"policies": {"Homepage": {"URL": "https://site.example"}, "DisablePrivateBrowsing": True}}
    assert first[files.FIREFOX] == merged
    assert first.get(path) in (merged, {"policies": {"Homepage": {"URL": "https://site.example"}}})
    # The next run finds ours there, and the site's among the originals; a policy of ours that goes does not stay.
    saved = {files.FIREFOX: PathState(ABSENT), path: PathState(FILE, content=json.dumps(site).encode())}
    put(host, files.FIREFOX.lstrip("/"), merged)
    second, _conflicts = look(Host(root=host.root), {"firefox": {"DisablePocket": True}}, saved)
    assert json.loads(second[files.FIREFOX]) == {"policies": {**site["policies"], "DisablePocket": True}}


def test_a_broken_file_of_firefox_says_nothing(host: Host) -> None:
    put(host, files.FIREFOX.lstrip("/"), "{")
    written, _conflicts = look(host, {"firefox": {"DisablePocket": True}}, {})
    assert {path: json.loads(text) for path, text in written.items()} == {
        files.FIREFOX: {"policies": {"DisablePocket": True}}
    }


def test_files_are_json_where_each_browser_looks(host: Host) -> None:
    wanted = {browser: {"x": browser} for browser in ("chromium", "chrome", "edge", "firefox")}
    written, _conflicts = look(host, wanted, {})
    assert {path: json.loads(text) for path, text in written.items()} == {
        "/etc/chromium/policies/managed/zz-ringfence.json": {"x": "chromium"},
        "/etc/opt/chrome/policies/managed/zz-ringfence.json": {"x": "chrome"},
        "/etc/opt/edge/policies/managed/zz-ringfence.json": {"x": "edge"},
        "/etc/firefox/policies/policies.json": {"policies": {"x": "firefox"}},
    }
