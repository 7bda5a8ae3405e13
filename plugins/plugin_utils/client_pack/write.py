# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the folder of a pack: whole, looked through and signed, or not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    bundle,
    canonical,
    chain,
    file_names,
    sealed_bundle,
    signing,
    verify_bundle,
)

from . import contents, selfcheck, words
from .inventory import Inventory
from .matcher import Matcher
from .parties import PackError, divide
from .withhold import Withholder

PACKS = "packs"
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Pack:
    """A pack: its folder, the hash of its manifest, what pack.json says, and whether it is new.

    not_searched_alone: words of others that are everyday words, for the eyes of whoever makes the pack.
    """

    path: str
    manifest_sha256: str
    about: Mapping[str, Any]
    changed: bool
    not_searched_alone: tuple[str, ...]


def make(
    source: str,
    inventory: Inventory,
    client: str,
    *,
    directory: str | None = None,
    key: str | None = None,
    dry: bool = False,
) -> Pack:
    """Make the pack of a client from a sealed bundle; PackError when it is refused, and then nothing is there.

    directory: where packs go, ``packs`` in the evidence folder by default. key: path of the SSH key that signs. dry:
    make it, look through it, and leave nothing behind.
    """
    try:
        sealed = sealed_bundle.read(source)
    except bundle.BundleError as problem:
        raise PackError(str(problem)) from problem
    if os.path.exists(os.path.join(sealed.path, verify_bundle.PACK)):
        raise PackError(f"{source} is a client's pack itself; name the bundle that it was drawn from")
    parties = divide(sealed.hosts, inventory, client)
    matcher = words.matcher(sealed, inventory, parties)
    held = contents.assemble(sealed, inventory, parties, Withholder(matcher))
    top = directory or os.path.join(os.path.dirname(sealed.path), PACKS)
    folder = os.path.join(top, file_names.escaped(client))
    about = held.parts["pack"]
    final = os.path.join(folder, sealed.name)
    draft = ""
    try:
        if dry:
            draft = tempfile.mkdtemp(suffix=chain.PARTIAL)
        else:
            os.makedirs(folder, mode=canonical.DIRECTORY_MODE, exist_ok=True)
            bundle.sweep(folder)
            draft = tempfile.mkdtemp(prefix=f".{sealed.name}-", suffix=chain.PARTIAL, dir=folder)
        os.chmod(draft, canonical.DIRECTORY_MODE)
        os.mkdir(os.path.join(draft, bundle.HOSTS), canonical.DIRECTORY_MODE)
        bundle.write_files(draft, held)
        if not held.records:
            os.rmdir(os.path.join(draft, bundle.HOSTS))
        reference = {name: about[name] for name in ("client", "bundle", "manifest_sha256")}
        digest = chain.write_manifest(draft, sealed.name, None, key, reference)
        _refuse_leaks(draft, matcher)
        changed = _put(draft, final, dry=dry)
    except (OSError, ValueError, signing.SigningError) as problem:
        raise PackError(f"the pack of {client} cannot be made: {problem}") from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Pack(final, digest, about, changed, tuple(word.text for word in matcher.weak))


def _refuse_leaks(draft: str, matcher: Matcher) -> None:
    found = selfcheck.leaks(draft, matcher)
    if found:
        more = [f"and {len(found) - _MOST_SHOWN} more"] if len(found) > _MOST_SHOWN else []
        raise PackError(
            "the pack was refused, and nothing of it is kept, as it names what is not for this client:\n"
            + "\n".join([*found[:_MOST_SHOWN], *more])
        )


def _put(draft: str, final: str, *, dry: bool) -> bool:
    """Give a pack its name; whether it is new. What was handed out before is not replaced by something else."""
    if os.path.lexists(final):
        same = not chain.verify(final) and _manifest(final) == _manifest(draft)
        if not same:
            raise PackError(
                f"{final} is there already and differs: the inventory, the key or the rules have changed since, or it "
                "was changed. Move it away, or name another folder with client_pack_dir."
            )
        return False
    if not dry:
        canonical.sync_directory(draft)
        os.rename(draft, final)
        canonical.sync_directory(os.path.dirname(final))
    return True


def _manifest(folder: str) -> Any:
    """What the manifest says: the hash of every file, and who signed."""
    return canonical.read(os.path.join(folder, chain.MANIFEST))
