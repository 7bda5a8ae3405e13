# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the registers of a site: every entry in its normal form, or all that is wrong with all files at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import (
    ATTESTATION,
    EXCEPTION,
    Entry,
    Registers,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.document import Document
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import (
    Problem,
    Problems,
    SiteModelError,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.shapes import (
    INVALID,
    Date,
    Field,
    Items,
    Record,
    Table,
    Text,
)

FILES = {EXCEPTION: "exceptions.yml", ATTESTATION: "attestations.yml"}

_ID = Text(
    "entry id (letters, digits, . _ and -, at most 64 characters)", re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
)
_PERSON = Text("a name that the file signers lists, such as jane@callcenter.example", re.compile(r"[^\s,*?!\"]+"))
_SHA256 = Text("a SHA-256 in 64 small hexadecimal digits, as sha256sum prints it", re.compile(r"[0-9a-f]{64}"))
_BOTH = {
    "owner": Field(Text("the person who answers for it"), required=True),
    "evidence": Field(Text("the path of a file, relative to the register"), required=True),
    "sha256": Field(_SHA256, required=True),
    "made_on": Field(Date(), required=True),
    "expires": Field(Date(), required=True),
    "signed_by": Field(_PERSON, required=True),
}
_EXCEPTION = Record(
    {
        "control": Field(Text("the id of a control, such as firewall.default_deny_inbound")),
        "check": Field(Text("the id of a check, such as firewall.default_deny_inbound.policy")),
        "hosts": Field(Items(Text("a host of the inventory, or all"), one_alone=True), required=True),
        "reason": Field(Text("why it cannot be otherwise"), required=True),
        "compensating_measure": Field(Text("what is done instead"), required=True),
        **_BOTH,
    }
)
_ATTESTATION = Record(
    {
        "claims": Field(Items(Text("the id of a claim, such as physical-access"), one_alone=True)),
        "requirements": Field(Items(Text("the id of a requirement in quotes, such as '9.4.6'"), one_alone=True)),
        "activities": Field(Items(Text("an activity of catalog/periodicity.yml"), one_alone=True)),
        "statement": Field(Text("what the person states"), required=True),
        **_BOTH,
    }
)
_SHAPES = {
    EXCEPTION: Record({"exceptions": Field(Table(_ID, _EXCEPTION, may_be_empty=True), required=True)}),
    ATTESTATION: Record({"attestations": Field(Table(_ID, _ATTESTATION, may_be_empty=True), required=True)}),
}
_NAMED = {EXCEPTION: ("control", "check"), ATTESTATION: ("claims", "requirements", "activities")}


class RegistersError(Exception):
    """Registers that are refused; the text has every reason, each with file, line and key."""


def _across_keys(kind: str, entries: Mapping[str, Any], problems: Problems) -> None:
    """What no single key can tell: which keys go together and which days come first."""
    for name, fields in entries.items():
        path = (f"{kind}s", name)
        named = [key for key in _NAMED[kind] if key in fields]
        if kind == EXCEPTION and len(named) != 1:
            problems.add(path, "exactly one of control and check is expected")
        if kind == ATTESTATION and not named:
            problems.add(path, "at least one of claims, requirements and activities is expected")
        if fields.get("expires", "9999") <= fields.get("made_on", ""):
            problems.add((*path, "expires"), f"expected a day after made_on ({fields['made_on']})")
        if "all" in fields.get("hosts", []) and len(fields["hosts"]) > 1:
            problems.add((*path, "hosts"), "all stands alone, or hosts are named")
        if os.path.isabs(fields.get("evidence", "")) or ".." in fields.get("evidence", "").split("/"):
            problems.add((*path, "evidence"), "expected a path inside the folder of the registers")


def _file(folder: str, kind: str) -> list[Entry]:
    """The entries of one file, none where there is no such file."""
    path = os.path.join(folder, FILES[kind])
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as problem:
        raise SiteModelError(path, [Problem((), f"cannot be read: {problem}")]) from problem
    document, problems = Document(text, path), Problems()
    good = _SHAPES[kind].check(document.data, (), problems)
    entries = {} if good is INVALID else good.get(f"{kind}s", {})
    _across_keys(kind, entries, problems)
    found = document.located(problems)
    if found:
        raise SiteModelError(path, found)
    name = f"{os.path.basename(folder)}/{FILES[kind]}"
    return [
        Entry(kind, one, fields, f"{name}:{document.line_of((f'{kind}s', one), at_key=True)}", folder)
        for one, fields in entries.items()
    ]


def read(folder: str) -> Registers:
    """The registers of a folder; RegistersError tells all that is wrong with all of them."""
    if not os.path.isdir(folder):
        return Registers()
    entries: list[Entry] = []
    refused: list[str] = []
    for kind in FILES:
        try:
            entries += _file(folder, kind)
        except SiteModelError as problem:
            refused.append(str(problem))
    twice = sorted({one.id for one in entries if sum(other.id == one.id for other in entries) > 1})
    refused += [f"{folder}: the id {name} is in both registers; an entry is signed by its id" for name in twice]
    if refused:
        raise RegistersError("\n".join(refused))
    return Registers(folder, tuple(entries))
