# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of Postfix with a memory: how main.cf was, Postfix's own judgement, and the reload that is owed.

What was there is kept in one file a keeper, ``/var/lib/ringfence/postfix/KEEPER.json``:
``{"lines": {PARAMETER: TEXT OR NULL}, "reload": bool}``, written before the first change.
"""

from __future__ import annotations

import contextlib
import json
import os
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

STORE = "/var/lib/ringfence/postfix"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


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


class Parameters:
    """The parameters of one keeper."""

    def __init__(self, keeper: str, *, folder: str = "/etc/postfix", store: str = STORE) -> None:
        self.keeper = keeper
        self.folder = folder
        self.path = os.path.join(folder, "main.cf")
        self.store_folder = store
        self.store = os.path.join(store, f"{keeper}.json")

    def text(self) -> str:
        """main.cf as it is. Raises PostfixError when there is none."""
        content = observe(self.path).content
        if content is None:
            raise PostfixError(f"{self.path} is no file: set Postfix up first (`dpkg-reconfigure postfix`)")
        return content.decode()

    def _remembered(self) -> dict[str, Any]:
        content = observe(self.store).content
        return {"lines": {}, "reload": False} if content is None else dict(json.loads(content))

    def _remember(self, remembered: Mapping[str, Any]) -> None:
        os.makedirs(os.path.dirname(self.store_folder), mode=0o755, exist_ok=True)
        os.makedirs(self.store_folder, mode=0o700, exist_ok=True)
        text = json.dumps(remembered, indent=1, sort_keys=True) + "\n"
        establish(self.store, PathState(FILE, 0o600, os.geteuid(), os.getegid(), text.encode()))

    def _others(self) -> dict[str, str]:
        """The parameters of other keepers: name -> keeper."""
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
        done = _run("postconf", "-c", self.folder, "-P")
        for line in done.stdout.splitlines():
            service, _slash, name = line.partition("=")[0].strip().rpartition("/")
            if name in wanted and service not in exempt:
                wrong.append(
                    f"{self.folder}/master.cf sets {name} for the service {service}, so that main.cf does not count "
                    "there: remove it or exempt the service"
                )
        if wrong:
            raise PostfixError("; ".join(wrong))

    def plan_present(self, before: str, wanted: Mapping[str, str]) -> str:
        """main.cf with these values, and with the lines back that this keeper no longer wants."""
        now = postfix_main.values(before)
        lines: dict[str, str | None] = {
            name: postfix_main.assignment(name, value)
            for name, value in wanted.items()
            if now.get(name) != " ".join(value.split())
        }
        gone = {name: line for name, line in self._remembered()["lines"].items() if name not in wanted}
        return postfix_main.with_lines(before, {**lines, **gone})

    def plan_absent(self, before: str) -> str:
        """main.cf with every line as it was."""
        return postfix_main.with_lines(before, self._remembered()["lines"])

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
            with open(os.path.join(folder, "main.cf"), "w", encoding="utf-8") as stream:
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
        if after != before:
            remembered["reload"] = True
        if names is not None or after != before:
            self._remember(remembered)
        if after != before:
            state = observe(self.path)
            establish(self.path, PathState(FILE, state.mode, state.uid, state.gid, after.encode()))
            done = _run("postfix", "-c", self.folder, "check")
            if done.returncode != 0:
                establish(self.path, PathState(FILE, state.mode, state.uid, state.gid, before.encode()))
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
        remembered["lines"] = {name: line for name, line in remembered["lines"].items() if name in names}
        self._remember(remembered)

    def _forget(self) -> None:
        establish(self.store, PathState(ABSENT))
        for folder in (self.store_folder, os.path.dirname(self.store_folder)):
            with contextlib.suppress(OSError):
                # Other keepers, or other subjects, live there.
                os.rmdir(folder)
