# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of the registers are in force on a day, and what is wrong with the others."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import EXCEPTION, Entry, Registers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean

#: In the order in which they are found out; every one but the last is red.
STATES = {
    "unsigned": "There is no signature",
    "wrongly_signed": "The signature is not one of the person who is said to have signed",
    "unknown": "It names something that there is not",
    "evidence_missing": "The evidence file is not there",
    "evidence_changed": "The evidence file is not the one whose hash was signed",
    "not_yet": "It is dated in the future",
    "expired": "It has expired",
    "in_force": "In force",
}


@dataclass(frozen=True)
class RegisterScope:
    """The names that entries may use."""

    controls: Collection[str] = ()
    checks: Collection[str] = ()
    hosts: Collection[str] = ()
    claims: Collection[str] = ()
    requirements: Collection[str] = ()
    activities: Collection[str] = ()


@dataclass(frozen=True)
class EntryState:
    """An entry with its ``state`` (one of STATES) and, unless it is in force, the ``reason``."""

    entry: Entry
    state: str
    reason: str | None
    signature: str | None = field(default=None)

    @property
    def in_force(self) -> bool:
        """Whether it counts."""
        return self.state == "in_force"

    def as_data(self) -> dict[str, Any]:
        """As exceptions.json and attestations.json hold it; ``entry`` is what was signed."""
        entry = {"kind": self.entry.kind, "id": self.entry.id, **self.entry.fields}
        return {
            "id": self.entry.id,
            "state": self.state,
            "reason": self.reason,
            "source": self.entry.source,
            "entry": clean(entry),
            "signature": self.signature,
        }


def _unknown(entry: Entry, known: RegisterScope) -> list[str]:
    """The names of an entry that are none, in words."""
    fields = entry.fields
    if entry.kind == EXCEPTION:
        asked: Mapping[str, tuple[list[str], Collection[str]]] = {
            "control": ([fields["control"]] if "control" in fields else [], known.controls),
            "check": ([fields["check"]] if "check" in fields else [], known.checks),
            "host": ([host for host in fields["hosts"] if host != "all"], known.hosts),
        }
    else:
        asked = {
            "claim": (fields.get("claims", []), known.claims),
            "requirement": (fields.get("requirements", []), known.requirements),
            "activity": (fields.get("activities", []), known.activities),
        }
    return [
        f"there is no {what} {name}.{did_you_mean(name, valid)}"
        for what, (names, valid) in asked.items()
        for name in names
        if name not in valid
    ]


def _signature(entry: Entry, registers: Registers) -> tuple[str, str] | None:
    """What is wrong with an entry's signature, None when nothing is."""
    if not os.path.isfile(entry.signature_path):
        return "unsigned", f"there is no signature {os.path.relpath(entry.signature_path, entry.folder)}"
    who = entry.fields["signed_by"]
    try:
        if not os.path.isfile(registers.signers):
            raise signing.SigningError("the registers have no file signers")
        signing.verify(
            entry.content,
            entry.signature_path,
            signers=registers.signers,
            identity=who,
            namespace=signing.REGISTER_NAMESPACE,
        )
    except signing.SigningError as problem:
        return "wrongly_signed", f"this is no signature of {who} under this entry: {problem}"
    return None


def _evidence(entry: Entry) -> tuple[str, str] | None:
    """What is wrong with an entry's evidence file, None when nothing is."""
    name = entry.fields["evidence"]
    try:
        with open(entry.evidence_path, "rb") as stream:
            digest = canonical.sha256(stream.read())
    except OSError as problem:
        return "evidence_missing", f"{name}: {problem.strerror}"
    if digest != entry.fields["sha256"]:
        return "evidence_changed", f"{name} has the SHA-256 {digest}, another one was signed"
    return None


def _days(entry: Entry, day: str) -> tuple[str, str | None]:
    """Whether an entry counts on a day (YYYY-MM-DD), and why not."""
    if entry.fields["made_on"] > day:
        return "not_yet", f"it is dated {entry.fields['made_on']}"
    if entry.fields["expires"] < day:
        return "expired", f"it expired on {entry.fields['expires']}"
    return "in_force", None


def _state(entry: Entry, registers: Registers, known: RegisterScope, day: str) -> tuple[str, str | None]:
    """An entry's state on a day and why."""
    unknown = _unknown(entry, known)
    wrong = _signature(entry, registers) or (("unknown", " ".join(unknown)) if unknown else _evidence(entry))
    return wrong or _days(entry, day)


def judge(registers: Registers, known: RegisterScope, day: str) -> list[EntryState]:
    """Every entry with its state on a day."""
    judged = []
    for entry in registers.entries:
        state, reason = _state(entry, registers, known, day)
        signature = None
        if state != "unsigned":
            with open(entry.signature_path, encoding="utf-8", errors="replace") as stream:
                signature = stream.read(10_000)
        judged.append(EntryState(entry, state, clean(reason), signature))
    return judged
