# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file said before a role wrote it for the first time: what stays, and which settings go.

What goes is said by name only, as values may be secret. A file as a package delivered it has none: dpkg and ucf keep
the sums of those.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import re
from collections.abc import Iterator, Sequence

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import observe

DPKG_STATUS = "/var/lib/dpkg/status"
UCF_SUMS = "/var/lib/ucf/hashfile"
_MOST = 20
#: A line that gives a secret: such a file is in no diff.
_SECRET = re.compile(
    rb"^[ \t]*\S*(?:password|passphrase|secret)(?:[ \t]*=[ \t]*|[ \t]+)\S", re.IGNORECASE | re.MULTILINE
)

_COMMENT = ("#", ";", "//", "<!--", "%")
#: The name at the start of a line, also after an opening bracket of XML.
_NAME = re.compile(r"(?:export\s+|<property\s+name=)?[\"']?([A-Za-z_][\w./:-]*)")


def warning(path: str, before: bytes | None, after: bytes | None) -> str | None:
    """What to say when a file's content gives way to another; None when nothing of a site's goes."""
    if before is None or after is None or before == after:
        return None
    goes = _names(before, after)
    if not goes or is_delivered(path, before):
        return None
    shown = ", ".join(goes[:_MOST]) + (f" and {len(goes) - _MOST} more" if len(goes) > _MOST else "")
    return f"{path} has settings of this host that the role's own replace: {shown}. They come back with state absent."


def carried(text: str, before: bytes | None, patterns: Sequence[str]) -> str:
    """A text with those lines of the old file at its end that match and whose setting it does not have itself."""
    old = (before or b"").decode("utf-8", "surrogateescape").splitlines() if patterns else []
    own = {name for name, _line in _settings(text.encode("utf-8", "surrogateescape"))}
    lines = [line.strip() for line in old if any(re.fullmatch(pattern, line.strip()) for pattern in patterns)]
    stay = [line for line in dict.fromkeys(lines) if line.split()[0] not in own]
    return "".join([text, *(["# As this host had it before.\n"] if stay else []), *(f"{line}\n" for line in stay)])


def noticed(notices: Sequence[tuple[Sequence[str], str, str]]) -> list[str]:
    """What is to be said about other files: each text with the files that have its pattern in a line that counts."""
    said = []
    for places, pattern, text in notices:
        found = sorted(path for place in places for path in glob.glob(place) if _has(path, pattern))
        if found:
            said.append(f"{', '.join(found)}: {text}")
    return said


def _has(path: str, pattern: str) -> bool:
    lines = (observe(path).content or b"").decode("utf-8", "replace").splitlines()
    return any(re.search(pattern, line) for line in lines if not line.lstrip().startswith(_COMMENT))


def has_secret(content: bytes | None) -> bool:
    """Whether a file gives a secret in so many words."""
    return content is not None and _SECRET.search(content) is not None


def is_delivered(path: str, content: bytes) -> bool:
    """Whether a file is as a package delivered it, or as its configuration questions made it."""
    sum_of_content = hashlib.md5(content, usedforsecurity=False).hexdigest()
    texts = [(observe(place).content or b"").decode("utf-8", "replace") for place in (DPKG_STATUS, UCF_SUMS)]
    return f"\n {path} {sum_of_content}" in texts[0] or f"{sum_of_content}  {path}\n" in texts[1]


def _names(before: bytes, after: bytes) -> list[str]:
    """The names of the settings that differ, or are gone, in the order of the old file."""
    old, new = (list(_settings(content)) for content in (before, after))
    return list(dict.fromkeys(name for name, line in old if (name, line) not in new))


def _settings(content: bytes) -> Iterator[tuple[str, str]]:
    """(name, what it is set to) of each setting of a file in some usual format."""
    text = content.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        yield from _leaves("", json.loads(text))
        return
    for line in text.splitlines():
        words = " ".join(line.split())
        found = _NAME.match(words)
        if words and not words.startswith(_COMMENT) and found:
            yield found[1], re.sub(r"\s*=\s*", "=", words, count=1)


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}".lstrip("."), inner)
    else:
        yield name, json.dumps(value, sort_keys=True)
