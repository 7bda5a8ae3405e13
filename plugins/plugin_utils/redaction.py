# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a host's secret variables out of its evidence, whatever probe, error message or output they come back by.

A variable is secret by its name, also inside mappings and lists. It is the second line of defence: no check of ours
observes a secret.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import mask_text

HIDDEN = "[secret]"

_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pass|passphrase|secret|token|psk|pin|private_key|api_key)$", re.IGNORECASE
)
#: Not the host's own: they are large, and hold the variables of others.
_SKIPPED = frozenset({"hostvars", "vars", "groups", "ansible_facts"})
#: Shorter ones are words that texts have anyway; replacing them would hide more than it protects.
_SHORTEST = 6
_DEEPEST = 8
#: A template that asks somebody or makes something must not be filled in twice.
_ACTS = re.compile(r"\b(?:lookup|query|q)\s*\(|password_hash|\brandom\b")


def _texts(value: Any, fill: Callable[[Any], Any], secret: bool, depth: int = 0) -> Iterable[str]:
    """The texts below a value that are secret by the name that they have."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in list(value.items()):
            yield from _texts(item, fill, secret or bool(_NAME.search(str(name))), depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for item in value:
            yield from _texts(item, fill, secret, depth + 1)
    elif secret and value is not None and not isinstance(value, (bool, bytes)):
        yield from _filled(value, fill)


def _filled(value: Any, fill: Callable[[Any], Any]) -> list[str]:
    """A secret as it is written and as it is used, whole and line by line, as a private key may come back."""
    texts = [str(value)]
    if not _ACTS.search(texts[0]):
        with contextlib.suppress(Exception):  # a vault without a key or a broken template holds nothing to hide
            texts.append(str(fill(value)))
    return [part for text in texts for part in (text, *text.splitlines())]


def secrets_of(variables: Mapping[str, Any], fill: Callable[[Any], Any]) -> list[str]:
    """The secret texts among a host's variables, the longest first. fill: fills in templates, and opens vaults."""
    own = {name: value for name, value in variables.items() if name not in _SKIPPED}
    found = {text.strip() for text in _texts(own, fill, secret=False)}
    return sorted((text for text in found if len(text) >= _SHORTEST), key=len, reverse=True)


def redact(value: Any, secrets: Sequence[str]) -> Any:
    """A JSON value in which no text holds a secret, keys of mappings included."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, Mapping):
        return {redact(key, secrets): redact(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, secrets) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in secrets:
        return HIDDEN
    return value


def mask(value: Any) -> Any:
    """A JSON value with every card number in its texts masked, and nothing cut, so that it keeps its shape."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {mask(key): mask(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask(item) for item in value]
    return value
