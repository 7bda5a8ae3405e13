# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs an entry of the registers, and refuses to where the signature would be worth nothing."""

from __future__ import annotations

import os
import tempfile

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import Entry, Registers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean, listed


def find(registers: Registers, name: str) -> Entry:
    """The entry of that id; SigningError when there is none."""
    for entry in registers.entries:
        if entry.id == name:
            return entry
    ids = [entry.id for entry in registers.entries]
    known = f"{listed(ids)}{did_you_mean(name, ids)}" if ids else "The registers have no entries."
    raise signing.SigningError(f"there is no entry {name} in {registers.folder or 'the registers'}. {known}")


def _problems(registers: Registers, entry: Entry) -> list[str]:
    """Why a signature under this entry would not count."""
    found = []
    if not os.path.isfile(registers.signers):
        found.append(f"{registers.signers} is not there: it lists who may sign, as NAME KEYTYPE KEY (man ssh-keygen)")
    try:
        with open(entry.evidence_path, "rb") as stream:
            digest = canonical.sha256(stream.read())
        if digest != entry.fields["sha256"]:
            found.append(f"{entry.source}: sha256: {entry.fields['evidence']} has {digest}, the entry says another")
    except OSError as problem:
        found.append(f"{entry.source}: evidence: {entry.evidence_path}: {problem.strerror}")
    return found


def is_signed(registers: Registers, entry: Entry) -> bool:
    """Whether the entry has a good signature already."""
    try:
        signing.verify(
            entry.content,
            entry.signature_path,
            signers=registers.signers,
            identity=entry.fields["signed_by"],
            namespace=signing.REGISTER_NAMESPACE,
        )
    except signing.SigningError:
        return False
    return True


def sign(registers: Registers, entry: Entry, key: str, *, write: bool = True) -> str:
    """Sign an entry and put the signature in its place; returns the path. SigningError tells all that is wrong.

    write: without it everything is tried and nothing is left behind.
    """
    found = _problems(registers, entry)
    if found:
        raise signing.SigningError("\n".join(found))
    made = signing.sign(entry.content, key, signing.REGISTER_NAMESPACE)
    with tempfile.NamedTemporaryFile(suffix=".sig") as draft:
        draft.write(made)
        draft.flush()
        try:
            signing.verify(
                entry.content,
                draft.name,
                signers=registers.signers,
                identity=entry.fields["signed_by"],
                namespace=signing.REGISTER_NAMESPACE,
            )
        except signing.SigningError as problem:
            who = entry.fields["signed_by"]
            text = f"{entry.source}: signed_by: {key} is no key of {who} by {registers.signers}: {problem}"
            raise signing.SigningError(text) from problem
    if write:
        os.makedirs(os.path.dirname(entry.signature_path), exist_ok=True)
        canonical.write(entry.signature_path, made)
    return entry.signature_path
