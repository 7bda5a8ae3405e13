# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of a bundle: the hash of every file, and of the manifest of the bundle before it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, signing, verify_bundle

SCHEMA = 1
MANIFEST, SIGNATURE, SUMS = verify_bundle.MANIFEST, verify_bundle.SIGNATURE, verify_bundle.SUMS
PARTIAL = verify_bundle.PARTIAL
LATEST = "latest"

VERIFIER = "verify.py"

_RECENT = 50  # runs in progress at the same time are fewer than this


def sealed(directory: str) -> list[str]:
    """The ids of the whole bundles in an evidence folder, sorted by their start."""
    return verify_bundle.bundles(directory) if os.path.isdir(directory) else []


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


def write_manifest(
    bundle: str,
    run: str,
    previous: Mapping[str, Any] | None,
    key: str | None = None,
    pack: Mapping[str, Any] | None = None,
) -> str:
    """Write manifest.json, its signature by an SSH key if one is given, and SHA256SUMS; the hash of the manifest.

    key: path of a private key, or of a public one whose other half is in the agent. pack: of a client's pack, whom it
    is for and which bundle it was drawn from.
    """
    files = verify_bundle.rows(bundle)
    manifest = canonical.dumps(
        {
            "schema": SCHEMA,
            "run": run,
            "sequence": 1 if previous is None else previous["sequence"] + 1,
            "previous": None if previous is None else previous["sha256"],
            "previous_run": None if previous is None else previous["run"],
            "signer": None if key is None else {"key": signing.fingerprint(key)},
            "files": files,
            **({} if pack is None else {"pack": dict(pack)}),
        }
    )
    signature = None if key is None else signing.sign(manifest, key, signing.MANIFEST_NAMESPACE)
    canonical.write(os.path.join(bundle, MANIFEST), manifest)
    if signature is not None:
        canonical.write(os.path.join(bundle, SIGNATURE), signature)
    canonical.write(os.path.join(bundle, SUMS), verify_bundle.sums(files, manifest, signature))
    return canonical.sha256(manifest)


def write_verifier(bundle: str) -> None:
    """Put the program into a bundle that an auditor can check it with."""
    with open(verify_bundle.__file__, "rb") as stream:
        canonical.write(os.path.join(bundle, VERIFIER), stream.read())


def verify(bundle: str) -> list[str]:
    """What is wrong with a bundle, in words; nothing when every file is there and as it was sealed."""
    return verify_bundle.check_bundle(bundle)
