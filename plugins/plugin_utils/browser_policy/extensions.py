# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extensions that browsers may have, and what each browser is told about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MODES = ("allowed", "force_installed")
_CHROMIUM_ID = re.compile(r"[a-p]{32}")
# An address-like name, or a UUID in braces.
_FIREFOX_ID = re.compile(
    r"[A-Za-z0-9._-]{0,64}@[A-Za-z0-9._-]{1,128}|\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
)
_URL = re.compile(r"https?://[!-~]{1,1000}")


@dataclass(frozen=True)
class Extension:
    """One extension. family: whose id it has, chromium (Chrome and Edge too) or firefox."""

    id: str
    family: str
    mode: str
    url: str

    def chromium(self) -> dict[str, str]:
        """Its entry in ExtensionSettings of Chromium."""
        return {"installation_mode": self.mode, **({"update_url": self.url} if self.url else {})}

    def firefox(self) -> dict[str, str]:
        """Its entry in ExtensionSettings of Firefox."""
        return {"installation_mode": self.mode, **({"install_url": self.url} if self.url else {})}


def parse_extensions(entries: object, variable: str) -> tuple[list[Extension], list[str]]:
    """The extensions of a list, and one sentence for everything that is wrong with it."""
    if not isinstance(entries, (list, tuple)):
        return [], [f"{variable} is no list of mappings with id, mode ({', '.join(MODES)}) and url"]
    made: dict[str, Extension] = {}
    errors = []
    for number, entry in enumerate(entries):
        where = f"{variable}[{number}]"
        if not isinstance(entry, Mapping) or not set(map(str, entry)) <= {"id", "mode", "url"}:
            errors.append(f"{where} is no mapping of id, mode ({', '.join(MODES)}) and url")
            continue
        name, mode, url = str(entry.get("id", "")), str(entry.get("mode", "allowed")), str(entry.get("url") or "")
        chromium = _CHROMIUM_ID.fullmatch(name)
        if not chromium and not _FIREFOX_ID.fullmatch(name):
            valid = "32 letters a-p (Chromium, Chrome, Edge), or name@domain or {UUID} (Firefox)"
            errors.append(f"{where}.id is {name!r}, valid is {valid}")
        if name in made:
            errors.append(f"{where}.id {name} is there twice")
        if mode not in MODES:
            errors.append(f"{where}.mode is {mode!r}, valid are {', '.join(MODES)}")
        if (url or mode == "force_installed") and not _URL.fullmatch(url):
            errors.append(f"{where}.url is {url!r}, valid is an http:// or https:// address; force_installed needs one")
        made[name] = Extension(name, "chromium" if chromium else "firefox", mode, url)
    return list(made.values()), errors
