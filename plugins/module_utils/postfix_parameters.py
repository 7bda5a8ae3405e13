# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of Postfix with a memory: how main.cf was, Postfix's own judgement, and the reload that is owed.

What was there is kept in one file a role, ``/var/lib/ringfence/postfix/ROLE.json``:
``{"lines": {PARAMETER: TEXT OR NULL}, "lists": {PARAMETER: {"ours": [...], "others": [...]}}, "reload": bool}``,
written before the first change. A list is shared: ours stand in it beside the elements of others.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import postfix_main
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._postfix_lists import elements

STORE = "/var/lib/ringfence/postfix"
#: main.cf may hold any bytes in its comments.
_ODD_BYTES = "surrogateescape"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


_MILTERS = ("smtpd_milters", "non_smtpd_milters")
_OVERRIDES, _NO_MILTERS = "receive_override_options", "no_milters"
_PROXY = "smtpd_proxy_filter"


class PostfixError(Exception):
    """What is asked for cannot be done: one sentence for the user."""


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    command = shutil.which(argv[0], path=_PATH)
    if command is None:
        raise PostfixError(f"{argv[0]} is not installed")
    return subprocess.run(
        [command, *argv[1:]],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
        env={"PATH": _PATH, "LC_ALL": "C"},
    )


def _expanded(found: Sequence[str], now: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> list[str]:
    """A list in which a reference to another of the lists is that one's elements."""
    whole: list[str] = []
    for one in found:
        name = re.fullmatch(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))", one)
        target = next((group for group in name.groups() if group), "") if name else ""
        whole += elements(now.get(target, "")) if target in lists else [one]
    return list(dict.fromkeys(whole))


class Parameters:
    """The parameters of one role."""

    def __init__(self, managed_by: str, *, folder: str = "/etc/postfix", store: str = STORE) -> None:
        self.managed_by = managed_by
        self.folder = folder
        self.path = os.path.join(folder, "main.cf")
        self.store_folder = store
        self.store = os.path.join(store, f"{managed_by}.json")
        self.lists: dict[str, dict[str, list[str]]] = {}

    def text(self) -> str:
        """main.cf as it is. Raises PostfixError when there is none."""
        content = observe(self.path).content
        if content is None:
            raise PostfixError(f"{self.path} is no file: set Postfix up first (`dpkg-reconfigure postfix`)")
        return content.decode(errors=_ODD_BYTES)

    def _remembered(self) -> dict[str, Any]:
        content = observe(self.store).content
        return {"lines": {}, "reload": False} if content is None else dict(json.loads(content))

    def _remember(self, remembered: Mapping[str, Any]) -> None:
        os.makedirs(os.path.dirname(self.store_folder), mode=0o755, exist_ok=True)
        os.makedirs(self.store_folder, mode=0o700, exist_ok=True)
        text = json.dumps(remembered, indent=1, sort_keys=True) + "\n"
        establish(self.store, PathState(FILE, 0o600, os.geteuid(), os.getegid(), text.encode()))

    def _others(self) -> dict[str, str]:
        """The parameters of other roles: name -> role."""
        found = {}
        for name in sorted(os.listdir(self.store_folder)) if os.path.isdir(self.store_folder) else []:
            path = os.path.join(self.store_folder, name)
            if name.endswith(".json") and path != self.store:
                lines = json.loads(observe(path).content or b"{}").get("lines", {})
                found.update(dict.fromkeys(lines, name[: -len(".json")]))
        return found

    def refuse(self, wanted: Mapping[str, str], exempt: Sequence[str]) -> None:
        """Raise PostfixError for values of no single line, others' parameters, and services that override ours."""
        wrong = [f"the value of {name} is not one line" for name, value in wanted.items() if "\n" in value]
        others = self._others()
        wrong += [f"{name} is managed by {others[name]} already" for name in wanted if name in others]
        main = postfix_main.values(self.text())
        if set(wanted) & set(_MILTERS) and _NO_MILTERS in elements(main.get(_OVERRIDES, "")):
            wrong.append(f"{self.path} has {_NO_MILTERS} in {_OVERRIDES}: mail goes round every milter. Remove it")
        for service, name, value in self._of_services():
            if name in wanted and service not in exempt:
                wrong.append(
                    f"{self.folder}/master.cf sets {name} for the service {service}, so that main.cf does not count "
                    "there: remove it or exempt the service"
                )
            round_milters = name == _OVERRIDES and _NO_MILTERS in elements(value) and set(wanted) & set(_MILTERS)
            if round_milters and service not in exempt:
                wrong.append(
                    f"{self.folder}/master.cf has {_NO_MILTERS} in {_OVERRIDES} for the service {service}: its mail "
                    "goes round every milter. Remove it, or exempt the service if its mail was scanned before"
                )
        if wrong:
            raise PostfixError("; ".join(wrong))

    def _of_services(self) -> list[tuple[str, str, str]]:
        """(service, parameter, value) of master.cf."""
        found = []
        for line in _run("postconf", "-c", self.folder, "-P").stdout.splitlines():
            where, _equals, value = line.partition("=")
            service, _slash, name = where.strip().rpartition("/")
            found.append((service, name, value.strip()))
        return found

    def with_others(
        self, before: str, wanted: Mapping[str, str], lists: Mapping[str, Sequence[str]], at_most: Mapping[str, int]
    ) -> dict[str, str]:
        """The values for main.cf: lists with the elements of others in them, and a site's own lower bounds."""
        now, remembered = postfix_main.values(before), self._remembered()
        values = dict(wanted)
        for name, most in at_most.items():
            text = remembered["lines"][name] if name in remembered["lines"] else postfix_main.texts(before).get(name)
            was = postfix_main.values(text or "").get(name, "")
            values[name] = was if re.fullmatch(r"[1-9][0-9]*", was) and int(was) < most else str(most)
        action = now.get("milter_default_action", "tempfail")
        for name, ours in lists.items():
            known = remembered.get("lists", {}).get(name, {})
            there = _expanded(elements(now.get(name, "")), now, lists)
            others = [one for one in there if one not in ours and one not in known.get("ours", [])]
            if not known and name in _MILTERS and action != wanted.get("milter_default_action", action):
                # What a site had its own milters do when they are down stays so.
                others = [one if one.startswith("{") else f"{{ {one}, default_action={action} }}" for one in others]
            whole = [one for one in there if one in ours or one in others]
            values[name] = ", ".join(whole if [one for one in whole if one in ours] == list(ours) else [*ours, *others])
            self.lists[name] = {"ours": list(ours), "others": known.get("others", others)}
        return values

    def goes(self, before: str, values: Mapping[str, str]) -> list[str]:
        """What a person should know that a first run changes or meets; nothing later."""
        remembered, now = self._remembered()["lines"], postfix_main.values(before)
        said = [
            f"{self.path} has {name} = {now[name]}, which becomes '{value}'. It comes back with state absent."
            for name, value in values.items()
            if name not in remembered and name not in self.lists and now.get(name, "") not in ("", value)
        ]
        if not remembered and set(values) & set(_MILTERS):
            proxied = [service for service, name, value in self._of_services() if name == _PROXY and value]
            proxied += [self.path] if now.get(_PROXY) else []
            said += [
                f"{where} has {_PROXY}: milters see no content there. The mail is scanned where the filter hands it "
                "back, as long as that service is not exempt."
                for where in proxied
            ]
        return said

    def plan_present(self, before: str, wanted: Mapping[str, str]) -> str:
        """main.cf with these values, and with the lines back that this role no longer wants."""
        now = postfix_main.values(before)
        lines: dict[str, str | None] = {
            name: postfix_main.assignment(name, value)
            for name, value in wanted.items()
            if now.get(name) != " ".join(value.split())
        }
        gone = {name: line for name, line in self._remembered()["lines"].items() if name not in wanted}
        return postfix_main.with_lines(before, {**lines, **gone})

    def plan_absent(self, before: str) -> str:
        """main.cf with every line as it was; a list to which others have added since keeps their elements."""
        remembered, now = self._remembered(), postfix_main.values(before)
        lines = dict(remembered["lines"])
        for name, known in remembered.get("lists", {}).items():
            others = [one for one in elements(now.get(name, "")) if one not in known["ours"]]
            if name in lines and others != known["others"]:
                lines[name] = postfix_main.assignment(name, ", ".join(others))
        return postfix_main.with_lines(before, lines)

    @staticmethod
    def differing(before: str, after: str) -> list[str]:
        """The parameters whose values differ."""
        one, two = postfix_main.values(before), postfix_main.values(after)
        return sorted(name for name in set(one) | set(two) if one.get(name) != two.get(name))

    def judge(self, text: str) -> None:
        """Let Postfix read a new main.cf, beside copies of the other files of its folder, before it goes live."""
        with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
            for name in ("master.cf", "dynamicmaps.cf"):
                if os.path.isfile(os.path.join(self.folder, name)):
                    shutil.copy(os.path.join(self.folder, name), folder)
            with open(os.path.join(folder, "main.cf"), "w", encoding="utf-8", errors=_ODD_BYTES) as stream:
                stream.write(text)
            done = _run("postconf", "-c", folder, "-n")
            if done.returncode != 0 or "fatal:" in done.stderr:
                raise PostfixError(
                    f"Postfix refuses the new main.cf: {done.stderr.strip().replace(folder, self.folder)}"
                )

    def apply(self, before: str, after: str, names: Sequence[str] | None) -> None:
        """Write main.cf, originals first, let ``postfix check`` judge it in its place, and reload.

        names: the parameters that are kept; None: put back, forget. When the check refuses it, main.cf is as before.
        """
        remembered = self._remembered()
        if names is not None:
            was = postfix_main.texts(before)
            for name in names:
                remembered["lines"].setdefault(name, was.get(name))
            remembered["lists"] = {**remembered.get("lists", {}), **self.lists}
        if after != before:
            remembered["reload"] = True
        if names is not None or after != before:
            self._remember(remembered)
        if after != before:
            state = observe(self.path)
            establish(self.path, PathState(FILE, state.mode, state.uid, state.gid, after.encode(errors=_ODD_BYTES)))
            done = _run("postfix", "-c", self.folder, "check")
            if done.returncode != 0:
                establish(
                    self.path, PathState(FILE, state.mode, state.uid, state.gid, before.encode(errors=_ODD_BYTES))
                )
                raise PostfixError(f"postfix check refuses the new main.cf, the old one is back: {done.stderr.strip()}")
        if remembered["reload"]:
            if _run("postfix", "-c", self.folder, "status").returncode == 0:
                done = _run("postfix", "-c", self.folder, "reload")
                if done.returncode != 0:
                    raise PostfixError(f"main.cf is in place, but Postfix was not reloaded: {done.stderr.strip()}")
            remembered["reload"] = False
        if names is None:
            self._forget()
            return
        kept = {name: line for name, line in remembered["lines"].items() if name in names}
        remembered.update(lines=kept, lists=self.lists)
        self._remember(remembered)

    def _forget(self) -> None:
        establish(self.store, PathState(ABSENT))
        for folder in (self.store_folder, os.path.dirname(self.store_folder)):
            with contextlib.suppress(OSError):
                # Other roles, or other subjects, live there.
                os.rmdir(folder)
