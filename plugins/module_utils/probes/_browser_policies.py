# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads browsers' policy files as the browsers do. Shared by probes and by the module that looks for conflicts.

Chromium, Chrome and Edge read every file of a folder; where two set a key, the last one in the order of names counts; a
file that is no JSON is left out; comments and trailing commas are allowed. Firefox reads one file: that below /etc when
it is there, otherwise the one beside the program.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from .base import Host

OURS = "zz-ringfence.json"
FOLDERS = {
    "chromium": "/etc/chromium/policies/managed",
    "chrome": "/etc/opt/chrome/policies/managed",
    "edge": "/etc/opt/edge/policies/managed",
}
FIREFOX = "/etc/firefox/policies/policies.json"
# Where programs of Debian and of Mozilla look when the file above is not there.
FIREFOX_BESIDE = (
    "/usr/lib/firefox-esr/distribution/policies.json",
    "/usr/lib/firefox/distribution/policies.json",
    "/opt/firefox/distribution/policies.json",
)
_TOKEN = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.S)
_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


class Unreadable(Exception):
    """A policy file that is no JSON object."""


def our_file(browser: str) -> str:
    """Where our policies of a browser are."""
    return FIREFOX if browser == "firefox" else f"{FOLDERS[browser]}/{OURS}"


def files_of(host: Host, browser: str) -> list[str]:
    """The policy files that are there for a browser, in the order in which they count: the last one most."""
    if browser == "firefox":
        return [path for path in (*reversed(FIREFOX_BESIDE), FIREFOX) if os.path.lexists(host.at(path))]
    folder = FOLDERS[browser]
    return [
        f"{folder}/{name}" for name in host.listdir(folder) if not os.path.isdir(host.at(os.path.join(folder, name)))
    ]


def read(host: Host, browser: str, path: str) -> dict[str, Any]:
    """The policies of one file, none when it is not there. Raises Unreadable."""
    text = host.read(path)
    return {} if text is None else parse(browser, path, text)


def parse(browser: str, path: str, text: str) -> dict[str, Any]:
    """The policies that a text says. Raises Unreadable."""
    if browser != "firefox":
        text = _TOKEN.sub(lambda found: found[1] or " ", text)
        text = _COMMA.sub(lambda found: found[1] or " ", text)
    try:
        found = json.loads(text)
        if browser == "firefox":
            found = found["policies"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(path) from error
    if not isinstance(found, dict):
        raise Unreadable(path)
    return found


def readable(host: Host, browser: str, path: str) -> bool:
    """Whether a browser can make anything of a file."""
    try:
        read(host, browser, path)
    except Unreadable:
        return False
    return True


def effective(host: Host, browser: str) -> dict[str, Any]:
    """The policies of a browser that starts now."""
    merged: dict[str, Any] = {}
    for path in files_of(host, browser):
        if browser == "firefox":
            merged = {}
        try:
            merged.update(read(host, browser, path))
        except Unreadable:
            continue
    return merged


def conflicts(host: Host, browser: str, wanted: Mapping[str, Any]) -> dict[str, list[str]]:
    """{file: keys} of other policy files that say something else than ``wanted`` about the same keys."""
    found = {}
    for path in files_of(host, browser):
        if path == our_file(browser):
            continue
        try:
            other = read(host, browser, path)
        except Unreadable:
            continue
        keys = sorted(key for key in other if key in wanted and other[key] != wanted[key])
        if keys:
            found[path] = keys
    return found


def empty_text(browser: str) -> str:
    """The text of a policy file that says nothing."""
    return '{"policies": {}}\n' if browser == "firefox" else "{}\n"


def text(browser: str, policies: Mapping[str, Any]) -> str:
    """The text of our policy file of a browser."""
    document = {"policies": policies} if browser == "firefox" else policies
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
