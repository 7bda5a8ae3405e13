# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds in a text what names somebody else: words however they are written, addresses of networks, hashes of words."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_TOKEN = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
#: What may stand between the parts of a word that is written in another way: blue-sky, blue_sky, BlueSky.
_BETWEEN = r"[ \t._\-/&+]{0,3}"
_V4 = re.compile(r"(?<![\d.])\d{1,3}(?:([.\-_])\d{1,3})(?:\1\d{1,3}){2}(?!\d)(\.in-addr)?")
_V6 = re.compile(r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}")
_HASH = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")
#: A fingerprint and a signature: bytes in base64, in which any letters may come together.
_BASE64 = re.compile(r"SHA256:[A-Za-z0-9+/]{43}|-----BEGIN SSH SIGNATURE-----.*?-----END SSH SIGNATURE-----", re.DOTALL)
#: Shorter words are not searched for inside others.
_WITHIN = 5
#: Shorter ones still are not searched for alone.
_SHORTEST = 3


def folded(text: str) -> str:
    """A text as it is compared: one form of each letter, no difference of case."""
    return unicodedata.normalize("NFKC", text).casefold()


def squashed(text: str) -> str:
    """A folded text without what may stand between the parts of a word."""
    return _NOT_WORD.sub("", text)


@dataclass(frozen=True)
class Word:
    """A word and whose it is (``what``), for whoever has to find out why it is there."""

    text: str
    what: str

    @cached_property
    def squashed(self) -> str:
        """The letters and digits alone."""
        return squashed(folded(self.text))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds it in a folded text."""
        text = folded(self.text)
        parts = list(_TOKEN.finditer(text))
        body = ""
        for before, part in zip([None, *parts], parts):
            if before is not None:
                between = text[before.end() : part.start()]
                body += f"(?:{_BETWEEN}|{re.escape(between)})"
            body += re.escape(part.group())
        if len(self.squashed) >= _WITHIN and not self.squashed.isdigit():
            return re.compile(body)
        edge = r"[^\W_]" if set(self.squashed) <= set("0123456789abcdef") else r"[^\W\d_]"
        return re.compile(f"(?<!{edge}){body}(?!{edge})")

    @cached_property
    def can_stand_alone(self) -> bool:
        """Whether it is long enough to tell anything by itself."""
        return len(self.squashed) >= _SHORTEST and not self.squashed.isdigit()


class Matcher:
    """Finds words and networks that must not be there.

    forbidden: the words. own: those of the client itself; a forbidden word inside one of them is not found.
    networks, own_networks: likewise. public: text that everybody can read, as it is part of this collection: a word
    that stands in it tells nobody anything, and is searched for with ``client`` or ``segment`` before it only.
    """

    def __init__(
        self,
        forbidden: Mapping[str, str],
        own: Iterable[str] = (),
        networks: Mapping[Network, str] | None = None,
        own_networks: Iterable[Network] = (),
        public: str = "",
    ) -> None:
        self._own = [word for word in (Word(text, "own") for text in sorted(set(own))) if word.squashed]
        mine = {word.squashed for word in self._own}
        self.networks = dict(networks or {})
        self._own_networks = tuple(own_networks)
        words = [Word(text, what) for text, what in sorted(forbidden.items())]
        words = [word for word in words if word.squashed and word.squashed not in mine]
        common = folded(public)
        letters = squashed(common)
        #: Words that are not searched for alone.
        self.weak = [
            word
            for word in words
            if not word.can_stand_alone or (word.squashed in letters and word.pattern.search(common))
        ]
        compounds = [Word(f"{kind} {word.text}", word.what) for word in self.weak for kind in ("client", "segment")]
        self.words = [word for word in words if word not in self.weak] + compounds
        self._digests = {
            getattr(hashlib, kind)(text.encode()).hexdigest(): word
            for word in words
            for text in (word.text, word.text.lower(), word.text.upper())
            for kind in ("md5", "sha1", "sha256")
        }

    def found(self, text: str) -> list[str]:
        """What a text names that it must not, in words; nothing when it is fine."""
        plain = _BASE64.sub(" ", text)
        hashes = {digest for digest in _HASH.findall(plain) if digest in self._digests}
        plain = folded(_HASH.sub(" ", plain))
        hits = [f"a hash of {self._digests[one].text!r} ({self._digests[one].what})" for one in sorted(hashes)]
        letters = squashed(plain)
        maybe = [word for word in self.words if word.squashed in letters]
        mine = [word for word in self._own if maybe and word.squashed in letters]
        spans = [hit.span() for word in mine for hit in word.pattern.finditer(plain)]
        hits += [f"{word.text!r} ({word.what})" for word in maybe if _outside(word, plain, spans)]
        return [*hits, *self._addresses(plain)]

    def names_own(self, text: str) -> bool:
        """Whether a text names the client itself, elsewhere than within what names somebody else."""
        plain = folded(text)
        letters = squashed(plain)
        others = [word for word in self.words if word.squashed in letters]
        spans = [hit.span() for word in others for hit in word.pattern.finditer(plain)]
        return any(_outside(word, plain, spans) for word in self._own if word.squashed in letters)

    def _addresses(self, text: str) -> Iterable[str]:
        seen = set()
        for hit in _V4.finditer(text) if self.networks else ():
            numbers = hit.group().removesuffix(".in-addr").split(hit.group(1))
            seen.add(".".join(reversed(numbers) if hit.group(2) else numbers))
        for hit in _V6.finditer(text) if self.networks else ():
            seen.add(hit.group())
        for address in sorted(seen):
            whose = self._whose(address)
            if whose:
                yield f"{address} ({whose})"

    def _whose(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        if any(address in network for network in self._own_networks):
            return None
        return next((what for network, what in self.networks.items() if address in network), None)


def _outside(word: Word, text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a word stands anywhere but inside one of these places."""
    hits = (hit.span() for hit in word.pattern.finditer(text))
    return any(not any(start <= first and last <= end for start, end in spans) for first, last in hits)
