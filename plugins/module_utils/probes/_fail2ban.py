# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail of fail2ban: as its files describe it, and as the running server has it.

Both views are the same flat dict: ``active`` (bool), ``max_retry``, ``find_seconds``, ``ban_seconds`` (int, or the
text when it is no number), ``ignored`` (sorted texts, loopback left out) and ``ignored_count``, ``ignore_command``
(text) and ``blocks`` (how the nftables action refuses: ``multiport ssh drop``, ``allports drop``; empty without it).
"""

from __future__ import annotations

import ast
import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any

ACTION = "nftables"
CLIENT = "fail2ban-client"

_NUMBERS = {"maxretry": "max_retry", "findtime": "find_seconds", "bantime": "ban_seconds"}
_SHAPE = ("type", "port", "blocktype")
_ANSWER = re.compile(r"^fail2ban> ", re.MULTILINE)


class Fail2banError(Exception):
    """There is no answer to be had: one sentence."""


def _number(text: Any) -> Any:
    return int(text) if re.fullmatch(r"-?[0-9]+", str(text).strip()) else str(text).strip()


def _network(text: str) -> str:
    """An address or network in its plain form; what is neither stays as it is."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return text
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _ignored(texts: Iterable[str]) -> list[str]:
    found = {_network(text) for text in texts}
    return sorted(found - {"127.0.0.0/8", "127.0.0.1", "::1"})


def _view(
    numbers: dict[str, Any], active: bool, ignored: Iterable[str], command: str, shape: Sequence[str]
) -> dict[str, Any]:
    plain = _ignored(ignored)
    words = [word for word in shape if word]
    if words[:1] == ["allports"]:
        words = [words[0], *words[-1:]]
    return {
        "active": active,
        **{key: numbers.get(name, "") for name, key in _NUMBERS.items()},
        "ignored": plain,
        "ignored_count": len(plain),
        "ignore_command": command,
        "blocks": " ".join(words),
    }


def from_dump(text: str, jail: str) -> dict[str, Any]:
    """A jail in the output of ``fail2ban-client -d``: one Python list a line."""
    numbers: dict[str, Any] = {}
    ignored: list[str] = []
    shape: dict[str, str] = {}
    command, active = "", False
    for line in text.splitlines():
        if not line.startswith("["):
            continue
        try:
            words = ast.literal_eval(line)
        except (ValueError, SyntaxError) as error:
            raise Fail2banError(f"{CLIENT} -d said something that cannot be read: {line[:80]}") from error
        if words == ["start", jail]:
            active = True
        elif words[:2] == ["set", jail] and words[2] in _NUMBERS:
            numbers[words[2]] = _number(words[3])
        elif words[:3] == ["set", jail, "addignoreip"]:
            ignored += [str(word) for word in words[3:]]
        elif words[:3] == ["set", jail, "ignorecommand"]:
            command = str(words[3])
        elif words[:4] == ["multi-set", jail, "action", ACTION]:
            shape = {str(pair[0]): str(pair[1]) for pair in words[4]}
    return _view(numbers, active, ignored, command, [shape.get(name, "") for name in _SHAPE])


def questions(jail: str) -> str:
    """What to type into ``fail2ban-client -i`` for one jail."""
    lines = [f"status {jail}", *(f"get {jail} {name}" for name in _NUMBERS), f"get {jail} ignoreip"]
    lines += [f"get {jail} ignorecommand", *(f"get {jail} action {ACTION} {name}" for name in _SHAPE)]
    return "\n".join(lines) + "\n"


def from_answers(text: str, jail: str) -> dict[str, Any]:
    """A jail in what ``fail2ban-client -i`` answered to the questions."""
    answers = [part.strip() for part in _ANSWER.split(text)[1:]]
    count = len(questions(jail).splitlines())
    if len(answers) < count:
        raise Fail2banError(f"fail2ban answered {len(answers)} questions out of {count}")
    active = answers[0].startswith("Status for the jail")
    if not active:
        return _view({}, False, [], "", [])
    numbers = {name: _number(answer) for name, answer in zip(_NUMBERS, answers[1:])}
    ignored = re.findall(r"^[|`]- (\S+)", answers[4], re.MULTILINE)
    shape = ["" if "\n" in answer or "ERROR" in answer else answer for answer in answers[6:9]]
    return _view(numbers, True, ignored, "" if answers[5] == "None" else answers[5], shape)
