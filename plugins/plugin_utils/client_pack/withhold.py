# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of values what names somebody else, and counts it.

A text that names somebody else is withheld whole, as what stands around a name may tell as much. Several that stand in
one list become one, so that their number tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .matcher import Matcher
from .rules import ADDRESS, WITHHELD


class Withholder:
    """Looks through values with a matcher. ``counts``: for each kind of place, how many texts were withheld."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._known: dict[str, bool] = {}
        self.counts: dict[str, int] = {}

    def names_others(self, text: str) -> bool:
        """Whether a text must not be there."""
        if text not in self._known:
            self._known[text] = bool(self._matcher.found(text))
        return self._known[text]

    def about_others(self, value: Any) -> bool:
        """Whether the texts of a value name somebody else and not the client: whatever it is, it is not for it."""
        texts = list(_texts(value))
        return any(map(self.names_others, texts)) and not any(map(self._matcher.names_own, texts))

    def value(self, value: Any, where: str) -> Any:
        """A JSON value without texts that name somebody else. where: what is counted, in the words of the report."""
        told = self._told(value)
        number = _withheld(told)
        if number:
            self.counts[where] = self.counts.get(where, 0) + number
        return told

    def _told(self, value: Any) -> Any:
        if isinstance(value, str):
            return WITHHELD if self.names_others(value) else value
        if isinstance(value, Mapping):
            return {self._told(str(key)): self._told(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return _once(self._told(item) for item in value)
        return value


def _texts(value: Any) -> Iterable[str]:
    """The texts of a JSON value, without its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _withheld(value: Any) -> int:
    """How many texts of a value were withheld, as a reader can count them."""
    if isinstance(value, Mapping):
        return sum(int(key == WITHHELD) + _withheld(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(_withheld, value))
    return int(isinstance(value, str) and value == WITHHELD)


def _once(items: Iterable[Any]) -> list[Any]:
    """A list in which what was withheld stands once."""
    kept: list[Any] = []
    for item in items:
        if item != WITHHELD or WITHHELD not in kept:
            kept.append(item)
    return kept


class Names:
    """Hosts by the names that the client may read: its own by theirs, shared ones by their kind and a number."""

    def __init__(self, own: Iterable[str], shared: Mapping[str, str], addresses: Iterable[str] = ()) -> None:
        self._own = frozenset(own)
        self.shared = dict(shared)
        # The longest first: db10 is not db1.
        texts = {**self.shared, **dict.fromkeys(addresses, ADDRESS)}
        self._texts = {text.casefold(): shown for text, shown in texts.items()}
        names = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<![\w.:-])(?:{names})(?![\w:-]|\.\w)", re.IGNORECASE) if names else None

    def of(self, host: str) -> str | None:
        """The name of a host, None for one that is not there for this client."""
        return host if host in self._own else self.shared.get(host)

    def among(self, hosts: Iterable[Any]) -> list[str]:
        """Those of some hosts that are there, by their names."""
        return [name for name in (self.of(str(host)) for host in hosts) if name is not None]

    def told(self, value: Any) -> Any:
        """A JSON value whose texts call shared hosts by their names for the client; their addresses are taken out."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(lambda hit: self._texts[hit.group().casefold()], value)
        if isinstance(value, Mapping):
            return {key: self.told(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.told(item) for item in value]
        return value


def shared_names(kinds: Mapping[str, Iterable[str]], taken: Iterable[str], withholder: Withholder) -> dict[str, str]:
    """A name for each shared host: ``shared-gateway-1``. kinds: each one's; taken: names that there are already."""
    used, names = set(taken), {}
    for host in sorted(kinds):
        kind = next((one for one in kinds[host] if not withholder.names_others(one)), "host")
        number = 1
        while f"shared-{kind}-{number}" in used:
            number += 1
        names[host] = f"shared-{kind}-{number}"
        used.add(names[host])
    return names
