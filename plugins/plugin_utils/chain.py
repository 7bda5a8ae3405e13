# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of a bundle: the hash of every file, and of the manifest of the bundle before it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

SCHEMA = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
PARTIAL = ".partial"
LATEST = "latest"

_RECENT = 50  # runs in progress at the same time are fewer than this


def _files(bundle: str) -> Iterator[str]:
    """The files of a bundle as sorted relative paths, links included."""
    for folder, folders, names in os.walk(bundle):
        folders.sort()
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), bundle)


def _hashed(bundle: str) -> list[dict[str, Any]]:
    rows = []
    for path in sorted(_files(bundle)):
        if path not in (MANIFEST, SUMS):
            with open(os.path.join(bundle, path), "rb") as stream:
                data = stream.read()
            rows.append({"path": path, "sha256": canonical.sha256(data), "size": len(data)})
    return rows


def sealed(directory: str) -> list[str]:
    """The ids of the whole bundles in an evidence folder, sorted by their start."""
    if not os.path.isdir(directory):
        return []
    names = (name for name in os.listdir(directory) if not name.endswith(PARTIAL) and not name.startswith("."))
    return sorted(
        name
        for name in names
        if not os.path.islink(os.path.join(directory, name)) and os.path.isfile(os.path.join(directory, name, MANIFEST))
    )


def newest(directory: str) -> Mapping[str, Any] | None:
    """The last link of an evidence folder's chain: its ``run``, ``sequence`` and ``sha256`` (of its manifest).

    The order is that of sealing, kept in the manifests, as two audits may end in another order than they began.
    """
    candidates = set(sealed(directory)[-_RECENT:])
    link = os.path.join(directory, LATEST)
    if os.path.islink(link) and os.path.isfile(os.path.join(link, MANIFEST)):
        candidates.add(os.path.basename(os.readlink(link)))
    links = []
    for name in candidates:
        with open(os.path.join(directory, name, MANIFEST), "rb") as stream:
            data = stream.read()
        manifest = canonical.read(os.path.join(directory, name, MANIFEST))
        links.append({"run": name, "sequence": int(manifest["sequence"]), "sha256": canonical.sha256(data)})
    return max(links, key=lambda one: (one["sequence"], one["run"]), default=None)


def write_manifest(bundle: str, run: str, previous: Mapping[str, Any] | None) -> str:
    """Write manifest.json and SHA256SUMS over all files of a bundle; the hash of the manifest."""
    rows = _hashed(bundle)
    manifest = canonical.dumps(
        {
            "schema": SCHEMA,
            "run": run,
            "sequence": 1 if previous is None else previous["sequence"] + 1,
            "previous": None if previous is None else previous["sha256"],
            "previous_run": None if previous is None else previous["run"],
            "files": rows,
        }
    )
    canonical.write(os.path.join(bundle, MANIFEST), manifest)
    sums = [*((row["sha256"], row["path"]) for row in rows), (canonical.sha256(manifest), MANIFEST)]
    canonical.write(os.path.join(bundle, SUMS), "".join(f"{digest}  {path}\n" for digest, path in sums).encode())
    return canonical.sha256(manifest)


def verify(bundle: str) -> list[str]:
    """What is wrong with a bundle, in words; nothing when every file is there and as it was sealed."""
    try:
        manifest = canonical.read(os.path.join(bundle, MANIFEST))
        stated = {str(row["path"]): (row["sha256"], row["size"]) for row in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        return [f"{MANIFEST} cannot be read: {problem}"]
    there = {row["path"]: (row["sha256"], row["size"]) for row in _hashed(bundle)}
    return [
        *(f"{path} is missing" for path in sorted(set(stated) - set(there))),
        *(f"{path} was added" for path in sorted(set(there) - set(stated))),
        *(f"{path} was changed" for path in sorted(set(there) & set(stated)) if there[path] != stated[path]),
    ]
