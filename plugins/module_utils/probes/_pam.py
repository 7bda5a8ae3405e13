# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading PAM stacks and walking through them as libpam does, with a right and with a wrong password.

What a module answers is assumed, not asked: modules that check a password succeed or fail with it, ``pam_succeed_if``
is worked out where it asks for the service, its conditions on users count as not fulfilled, the account is not locked,
the person is not root. Modules unknown here are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .base import Host

FOLDERS = ("/etc/pam.d", "/usr/lib/pam.d")
_DEPTH = 16

#: The long forms of the four words, from pam.conf(5).
_WORDS = {
    "required": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "new_authtok_reqd": "ok", "ignore": "ignore", "default": "die"},
    "sufficient": {"success": "done", "new_authtok_reqd": "done", "default": "ignore"},
    "optional": {"success": "ok", "new_authtok_reqd": "ok", "default": "ignore"},
}
#: Modules that check a password.
VERIFIERS = ("pam_unix", "pam_sss", "pam_ldap", "pam_krb5", "pam_winbind", "pam_userdb")
_ALWAYS = {"pam_permit": "success", "pam_deny": "auth_err", "pam_nologin": "success", "pam_rootok": "auth_err"}
#: What these modules ask libpam for by themselves unless told ``nodelay``, in seconds.
_OWN_PAUSE = {"pam_unix": 2.0, "pam_faillock": 2.0, "pam_winbind": 0.0}


@dataclass(frozen=True)
class Entry:
    """One line of a stack; ``substack`` holds the lines of another one in its place."""

    control: str
    module: str
    args: tuple[str, ...]
    substack: tuple[Entry, ...] | None = None

    @property
    def text(self) -> str:
        """The line with single spaces."""
        return " ".join([self.control, self.module, *self.args])

    @property
    def name(self) -> str:
        """The module without its folder and ending."""
        return self.module.rsplit("/", 1)[-1].removesuffix(".so")

    @property
    def actions(self) -> dict[str, str]:
        """What to do with each answer of the module."""
        if self.control.startswith("["):
            pairs = re.findall(r"(\w+)=(\w+)", self.control)
            return dict(pairs)
        return _WORDS.get(self.control, {"default": "bad"})


@dataclass
class Walk:
    """The way through a stack: the lines that ran, whether it lets in, and the longest pause that was asked for."""

    ran: list[str] = field(default_factory=list)
    accepted: bool = False
    pause_seconds: float = 0.0


def path_of(host: Host, service: str) -> str | None:
    """Where the stack of a service is, None when it has none of its own."""
    for folder in FOLDERS:
        if host.read(f"{folder}/{service}") is not None:
            return f"{folder}/{service}"
    return None


def entries(host: Host, service: str, kind: str, depth: int = 0) -> tuple[Entry, ...]:
    """The lines of a service's stack of one kind (auth, account, password, session), includes put in place."""
    path = path_of(host, service)
    found: list[Entry] = []
    if depth > _DEPTH:
        return ()
    for line in _lines((host.read(path) or "") if path else ""):
        if len(line) == 2 and line[0] == "@include":
            found += entries(host, line[1].rsplit("/", 1)[-1], kind, depth + 1)
        elif len(line) >= 3 and line[0].lstrip("-") == kind:
            if line[1] == "include":
                found += entries(host, line[2].rsplit("/", 1)[-1], kind, depth + 1)
            elif line[1] == "substack":
                inner = entries(host, line[2].rsplit("/", 1)[-1], kind, depth + 1)
                found.append(Entry("substack", line[2], (), inner))
            else:
                found.append(Entry(line[1], line[2], tuple(line[3:])))
    return tuple(found)


def own_lines(host: Host, path: str, kind: str) -> list[Entry]:
    """The lines of one kind that a file has itself, without what it includes."""
    lines = [line for line in _lines(host.read(path) or "") if len(line) >= 3 and line[0].lstrip("-") == kind]
    return [Entry(line[1], line[2], tuple(line[3:])) for line in lines if line[1] not in ("include", "substack")]


def _lines(text: str) -> Iterator[list[str]]:
    """The words of each line of a stack's file."""
    for line in text.replace("\\\n", " ").splitlines():
        yield words(line.split("#", 1)[0])


def words(line: str) -> list[str]:
    """The words of a line; a control in brackets and an argument in brackets are one word each."""
    return [" ".join(word.split()) for word in re.findall(r"\[[^]]*\]|\S+", line)]


def _condition(args: Sequence[str], service: str) -> bool:
    """Whether the conditions of a pam_succeed_if on the service are fulfilled; those on anything else are not."""
    terms = [word for word in args if word not in ("quiet", "quiet_success", "quiet_fail", "use_uid", "debug", "audit")]
    if not terms or len(terms) % 3:
        return False
    for subject, test, value in zip(terms[::3], terms[1::3], terms[2::3]):
        if subject != "service":
            return False
        listed = value.split(":")
        answers = {
            "in": service in listed,
            "notin": service not in listed,
            "=": service == value,
            "eq": service == value,
            "!=": service != value,
            "ne": service != value,
        }
        if not answers.get(test, False):
            return False
    return True


def _answer(entry: Entry, service: str, right: bool) -> str:
    name = entry.name
    if name in VERIFIERS:
        return "success" if right else "auth_err"
    if name == "pam_succeed_if":
        return "success" if _condition(entry.args, service) else "auth_err"
    if name == "pam_faillock":
        return "auth_err" if "authfail" in entry.args else "success"
    return _ALWAYS.get(name, "ignore")


def _pause(host: Host, entry: Entry) -> float:
    """The pause in seconds that this line asks libpam for."""
    if entry.name == "pam_faildelay":
        for word in entry.args:
            match = re.fullmatch(r"delay=(\d+)", word)
            if match:
                return int(match[1]) / 1_000_000
        match = re.search(r"^\s*FAIL_DELAY\s+(\d+)", host.read("/etc/login.defs") or "", re.MULTILINE)
        return float(match[1]) if match else 0.0
    if entry.name == "pam_faillock" and "authfail" not in entry.args:
        return 0.0
    return 0.0 if "nodelay" in entry.args else _OWN_PAUSE.get(entry.name, 0.0)


def walk(host: Host, service: str, stack: Sequence[Entry], *, right: bool) -> Walk:
    """Go through a stack with a right or a wrong password."""
    way = Walk()
    state = _run(host, service, stack, right, way)
    way.accepted = state == "positive"
    return way


def _run(host: Host, service: str, stack: Sequence[Entry], right: bool, way: Walk) -> str:
    """One stack: "positive", "negative" or "undefined", as libpam keeps it."""
    state = "undefined"
    steps: Iterator[int] = iter(range(len(stack)))
    for index in steps:
        entry = stack[index]
        if entry.substack is not None:
            inner = _run(host, service, entry.substack, right, way)
            # A substack ends only itself; its outcome counts like that of a required module.
            state = (
                "negative" if "negative" in (inner, state) else max(inner, state, key=("undefined", "positive").index)
            )
            continue
        way.ran.append(entry.text)
        way.pause_seconds = max(way.pause_seconds, _pause(host, entry))
        answer = _answer(entry, service, right)
        actions = entry.actions
        action = actions.get(answer, actions.get("default", "ignore" if answer == "ignore" else "bad"))
        if action.isdigit():
            for _skipped in range(int(action)):
                next(steps, None)
            if state == "undefined" and answer == "success":
                state = "positive"
        elif action == "reset":
            state = "undefined"
        elif action in ("bad", "die"):
            state = "negative"
        elif action in ("ok", "done") and state == "undefined":
            state = "positive"
        if action == "die" or (action == "done" and state == "positive"):
            break
    return state
