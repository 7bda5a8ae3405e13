# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``xfconf_file``: what a file of the system fixes for every user of Xfce.

Parameters: ``path``; ``properties``: such as /lock/enabled. Observes ``values`` (property -> its text, empty when not
there) and ``unlocked`` (those of the properties that a user may change). Xfce ignores a file that it cannot read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the file as xfconfd does."""
    path, wanted = str(params["path"]), [str(name) for name in params["properties"]]
    values, unlocked = dict.fromkeys(wanted, ""), set(wanted)
    for name, value, locked in _properties(host.read(path) or ""):
        if name in values:
            values[name] = value
            (unlocked.discard if locked else unlocked.add)(name)
    return Observation({"values": values, "unlocked": [name for name in wanted if name in unlocked]}, path)


def _properties(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield name, value and whether it is locked, of every property in a channel's text; none of a broken one."""
    found: list[tuple[str, str, bool]] = []
    names: list[str] = []
    channel_locked = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal channel_locked
        # The attribute "locked" names users; it knows no word for all of them.
        locked = {name for name in attributes.get("unlocked", "").split(";") if name} == {"root"}
        if tag == "channel":
            channel_locked = locked
        elif tag == "property":
            names.append(attributes.get("name", ""))
            found.append(("/" + "/".join(names), attributes.get("value", ""), locked or channel_locked))

    def end(tag: str) -> None:
        if tag == "property":
            names.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        return
    yield from found
