# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest record of an activity, to be shown in a bundle: read once more, and only as the ledger has hashed it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, redaction
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import shapes
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.sources import RECORDS, Found

_MOST_SAID = 5


@dataclass(frozen=True)
class Shown:
    """What is shown of an activity, and under which key of the part; ``within`` names a key of the record, None all."""

    activity: str
    key: str
    shape: Any
    within: str | None = None


def newest(directory: str | None, found: Found, shown: Shown, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """The part of a bundle: ``path`` and ``sha256`` of the record, its content under the key, and ``problem``.

    All but the last are None when there is none that can be shown. The problem tells of newer ones that cannot.
    """
    problems = []
    for path, digest in _candidates(found, shown.activity):
        if digest is None or directory is None:
            problems.append(found.broken[path])
            continue
        try:
            value = redaction.redact(redaction.mask(_read(os.path.join(directory, path), digest, shown)), secrets)
            canonical.dumps(value)  # what JSON of ours cannot hold, such as infinity, must not stop the sealing
        except (OSError, ValueError, RecursionError) as problem:
            problems.append(str(clean(f"{path} cannot be shown: {problem}")))
            continue
        return {"path": path, "sha256": digest, shown.key: value, "problem": _said(problems)}
    return {"path": None, "sha256": None, shown.key: None, "problem": _said(problems)}


def _candidates(found: Found, activity: str) -> Iterator[tuple[str, str | None]]:
    """The records of an activity, the newest first, and among them those that cannot be read (without a hash).

    Records are called by their time, so that their names tell the order also of what cannot be read.
    """
    rows: Sequence[Mapping[str, Any]] = found.occurrences.get(activity, [])
    records: dict[str, str | None] = {row["path"]: row["sha256"] for row in rows if "path" in row}
    records.update({path: None for path in found.broken if path.startswith(f"{RECORDS}/{activity}/")})
    yield from sorted(records.items(), reverse=True)


def _read(path: str, digest: str, shown: Shown) -> Any:
    """A record's content; ValueError when it is not the one of the hash, or not of the shape."""
    with open(path, "rb") as stream:
        data = stream.read()
    if canonical.sha256(data) != digest:
        raise ValueError("it was changed while this bundle was sealed")
    value = json.loads(data.decode("utf-8"))
    if shown.within is not None:
        value = value.get(shown.within)
        if value is None:
            raise ValueError(f"it holds no {shown.within}: it was made by an earlier version")
    reason = shapes.misfit(value, shown.shape)
    if reason:
        raise ValueError(f"its shape is not known: {reason}")
    return value


def _said(problems: Sequence[str]) -> str | None:
    """Problems as one text."""
    more = [f"and {len(problems) - _MOST_SAID} more"] if len(problems) > _MOST_SAID else []
    return "; ".join([*problems[:_MOST_SAID], *more]) or None
