# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts may be broken on purpose: those that are named, and carry a mark with their own name.

The mark is a file that tools/lab writes on every host it starts. A copy of a marked machine under another name is not
marked, and neither is another machine that answers at a marked one's address.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean

MARK = "/etc/ringfence-lab"


class RefusedError(Exception):
    """Somebody asked for something to be broken that must not be; every reason in a line."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(self.errors))


def asked(given: Any) -> list[str]:
    """The names somebody gave, as a list or with commas between them."""
    names = given.split(",") if isinstance(given, str) else list(given or [])
    return list(dict.fromkeys(str(name).strip() for name in names if str(name).strip()))


def check_names(names: Collection[str], inventory: Collection[str], present: Collection[str]) -> None:
    """RefusedError when no host is named, or a name is no single host of the inventory, or is not in this play."""
    if not names:
        raise RefusedError(
            [
                "prove_hosts: no host is named. Name each host that may be broken, as in -e prove_hosts=ws-acme-1; "
                "groups and patterns do not count"
            ]
        )
    errors = [
        f"prove_hosts: {name!r} is no host of the inventory{did_you_mean(name, sorted(inventory))}"
        for name in names
        if name not in inventory
    ]
    errors += [
        f"prove_hosts: {name} is not among the hosts that this run was limited to"
        for name in names
        if name in inventory and name not in present
    ]
    errors += [f"{name}: is in this play and not named in prove_hosts" for name in present if name not in names]
    if errors:
        raise RefusedError(errors)


def _content(told: Mapping[str, Any]) -> str | None:
    """The text of a host's mark from what ansible.builtin.slurp told; None when it told none."""
    if not isinstance(told.get("content"), str):
        return None
    try:
        return base64.b64decode(told["content"], validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return None


def check_marks(names: Iterable[str], told: Mapping[str, Mapping[str, Any]]) -> None:
    """RefusedError names every host without its mark. told: what was read of the mark of each host."""
    errors = []
    for name in names:
        answer = told.get(name) or {}
        text = _content(answer)
        if answer.get("unreachable"):
            errors.append(f"{name}: cannot be reached: {' '.join(str(answer.get('msg', '')).split())}")
        elif text is None:
            errors.append(f"{name}: has no mark {MARK}, so it is no host of a lab and is not broken")
        elif f"host: {name}" not in [line.strip() for line in text.splitlines()]:
            errors.append(f"{name}: its mark {MARK} has no line 'host: {name}', so it was made for another machine")
    if errors:
        raise RefusedError(errors)
