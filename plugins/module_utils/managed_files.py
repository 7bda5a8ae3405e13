# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a set of files and folders as wanted, all or none, and can put every one of them back.

The way of a run: refuse what is wrong (all errors at once), plan, let each validator judge its candidate, save
originals, record which commands will be owed, change folders and files, run the commands, record that nothing is owed
any more.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.ringfence.callcenter.plugins.module_utils import marked_block, path_state, replaced_settings
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import (
    Activation,
    ManagedFilesError,
    PathSpec,
    Plan,
    Step,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.originals import ROOT, Store, StoreError
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    DIRECTORY,
    FILE,
    OTHER,
    PathState,
)


def _real(path: str) -> str:
    """A path with the links of its parent folders resolved, as its identity."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _foreign_link(path: str) -> str | None:
    """The first parent folder that is a link which somebody other than root (or this user) could turn elsewhere."""
    current = ""
    for part in path.strip("/").split("/")[:-1]:
        current += "/" + part
        try:
            info = os.lstat(current)
        except OSError:
            return None
        if stat.S_ISLNK(info.st_mode) and info.st_uid not in (0, os.geteuid()):
            return current
    return None


class ManagedFiles:
    """One call's work. root_of_stores is another folder in tests."""

    def __init__(self, managed_by: str, *, root_of_stores: str = ROOT, directory_mode: str = "0755") -> None:
        try:
            self.store = Store(managed_by, root_of_stores)
        except StoreError as error:
            raise ManagedFilesError([str(error)]) from error
        self.directory_mode = int(directory_mode, 8)
        self.warnings: list[str] = []

    # -- refusing ---------------------------------------------------------------------------------------------------

    def check(self, wanted: Sequence[PathSpec], *, lenient: bool) -> None:
        """Refuse contradictory input. lenient (check mode): users and groups may be made by a task before this one."""
        errors: list[str] = []
        owners = self.store.owners()
        real_owners = {_real(path): managed_by for path, managed_by in owners.items()}
        seen: dict[str, str] = {}
        for item in wanted:
            path = item.path
            if not path.startswith("/") or path == "/" or os.path.normpath(path) != path or "\0" in path:
                errors.append(f"{path!r} is not an absolute path in plain form (no '..', no '//', no slash at its end)")
                continue
            real = _real(path)
            if real in seen:
                other = seen[real]
                errors.append(f"{path} is listed twice" + ("" if other == path else f" (the other time as {other})"))
            seen[real] = path
            if real in real_owners:
                errors.append(f"{path} is managed by {real_owners[real]} already: one path belongs to one role")
            errors += self._item_errors(item, lenient)
        if errors:
            raise ManagedFilesError(errors)

    def _item_errors(self, item: PathSpec, lenient: bool) -> list[str]:
        errors = []
        link = _foreign_link(item.path)
        if link:
            errors.append(f"{item.path} lies behind the link {link}, which does not belong to root")
        now = path_state.observe(item.path)
        if item.block:
            return errors + self._block_errors(item, now)
        if item.content is None and now.kind not in (ABSENT, DIRECTORY):
            errors.append(f"{item.path} is wanted as a folder but is a {now.kind}")
        if item.content is not None and now.kind in (DIRECTORY, OTHER):
            what = "folder" if now.kind == DIRECTORY else "device, socket or pipe"
            errors.append(f"{item.path} is wanted as a file but is a {what}")
        if not re.fullmatch(r"[0-7]{4}", item.mode):
            errors.append(f"{item.path}: mode {item.mode!r} is not four octal digits in quotes, such as '0644'")
        if item.validate and not any("%s" in word for word in item.validate):
            errors.append(f"{item.path}: validate names no %s for the candidate")
        if not lenient:
            if path_state.user_id(item.owner) is None:
                errors.append(f"{item.path}: there is no user {item.owner} on this host")
            if path_state.group_id(item.group) is None:
                errors.append(f"{item.path}: there is no group {item.group} on this host")
        return errors

    def _block_errors(self, item: PathSpec, now: PathState) -> list[str]:
        errors = []
        if now.kind != FILE:
            errors.append(f"{item.path} is wanted as a file with a block of ours but is a {now.kind}")
        if item.validate and not any("%s" in word for word in item.validate):
            errors.append(f"{item.path}: validate names no %s for the candidate")
        return errors

    @staticmethod
    def needed(wanted: Sequence[PathSpec]) -> list[PathSpec]:
        """Those that have a meaning on this host; each different command of ``needs`` is run once.

        A block has none where the file is not there. Where that is a link, the block goes into what it leads to.
        """
        wanted = [
            dataclasses.replace(item, path=os.path.realpath(item.path)) if item.block else item
            for item in wanted
            if not item.block or os.path.exists(item.path)
        ]
        answers: dict[tuple[str, ...], bool] = {}
        for item in wanted:
            argv = tuple(item.needs)
            if argv and argv not in answers:
                try:
                    answers[argv] = _run(argv).returncode == 0
                except FileNotFoundError:
                    answers[argv] = False
                except (OSError, subprocess.TimeoutExpired) as error:
                    raise ManagedFilesError([f"{item.path}: '{' '.join(argv)}' could not be run: {error}"]) from error
        return [item for item in wanted if answers.get(tuple(item.needs), True)]

    def with_previous(self, wanted: Sequence[PathSpec]) -> list[PathSpec]:
        """The files with what they carry over from those before. Raises ManagedFilesError with what refuses."""
        errors: list[str] = []
        result = []
        for item in wanted:
            first = item.path not in self.store.paths
            was = path_state.observe(item.path) if first else self.store.paths[item.path]
            content, rules = item.content, item.before
            if rules is not None and content is not None:
                content = replaced_settings.carried(content, was.content, rules.carry)
                text = (was.content or b"").decode("utf-8", "replace")
                if first:
                    refused = [reason for pattern, reason in rules.refuse if re.search(pattern, text)]
                    errors += [f"{item.path}: {reason}" for reason in refused]
                    self.warnings += replaced_settings.noticed(rules.notices)
            secret = any(map(replaced_settings.has_secret, (was.content, (content or "").encode())))
            result.append(replace(item, content=content, no_diff=item.no_diff or secret))
        if errors:
            raise ManagedFilesError(errors)
        return result

    # -- planning ---------------------------------------------------------------------------------------------------

    def plan_present(
        self, wanted: Sequence[PathSpec], activations: Sequence[Activation] = (), *, exclusive: bool = False
    ) -> Plan:
        """What makes every path as wanted; exclusive: paths kept earlier and no longer wanted are put back."""
        plan = Plan()
        folders = [item for item in wanted if item.content is None]
        files = [item for item in wanted if item.content is not None]
        listed = {item.path for item in wanted}
        for folder in self._missing_parents(wanted, listed):
            state = PathState(DIRECTORY, self.directory_mode, os.geteuid(), os.getegid())
            plan.steps.append(Step(folder, PathState(ABSENT), state))
            plan.explicit[folder] = False
        plan.shared = self.store.made_on_the_way() & {parent for path in listed for parent in _parents(path)} - listed
        plan.explicit.update(dict.fromkeys(plan.shared, False))
        for item in sorted(folders, key=lambda one: one.path.count("/")) + files:
            before = path_state.observe(item.path)
            after = self._wanted_state(item, before)
            if item.block:
                plan.blocks.add(item.path)
            if item.path not in self.store.paths:
                said = replaced_settings.warning(item.path, before.content, after.content)
                self.warnings += [said] if said else []
            plan.steps.append(Step(item.path, before, after, item.no_diff, (item.owner, item.group)))
            plan.explicit[item.path] = True
        # Folders before files, and parents before children whatever list they came from; files keep their order.
        plan.steps.sort(key=lambda step: step.path.count("/") if step.after.kind == DIRECTORY else sys.maxsize)
        if exclusive:
            kept = {parent for path in listed for parent in _parents(path)} | listed
            plan.put_back = [path for path in self.store.paths if path not in kept]
            # What somebody deleted since was in nobody's way: to put it back could bring back what the role took out.
            plan.steps += [
                replace(step, after=step.before) if step.before.kind == ABSENT else step
                for step in self._steps_back(plan.put_back)
            ]
        plan.commands = self._owed(plan, activations)
        return plan

    def _wanted_state(self, item: PathSpec, before: PathState) -> PathState:
        if item.block:
            content = marked_block.with_block(before.content or b"", self.store.managed_by, item.content or "")
            return dataclasses.replace(before, content=content)
        return PathState(
            DIRECTORY if item.content is None else FILE,
            int(item.mode, 8),
            path_state.user_id(item.owner),
            path_state.group_id(item.group),
            None if item.content is None else item.content.encode(),
        )

    def plan_absent(self, activations: Sequence[Activation] = ()) -> Plan:
        """What puts back every path of the store."""
        plan = Plan(put_back=list(self.store.paths))
        plan.steps = self._steps_back(plan.put_back)
        plan.commands = self._owed(plan, activations)
        return plan

    def _missing_parents(self, wanted: Sequence[PathSpec], listed: set[str]) -> list[str]:
        missing = {
            parent
            for item in wanted
            for parent in _parents(item.path)
            if parent not in listed and not os.path.isdir(parent)
        }
        return sorted(missing, key=lambda path: path.count("/"))

    def _steps_back(self, paths: Sequence[str]) -> list[Step]:
        originals = self.store.paths
        # Files first, then folders from the inside out, so that folders made for them are empty by then.
        made = [path for path in paths if originals[path].kind in (ABSENT, DIRECTORY) and os.path.isdir(path)]
        order = [path for path in paths if path not in made] + sorted(made, key=lambda path: -path.count("/"))
        steps = []
        # What a run that died has left beside a path goes with it.
        going = set(order) | {path_state.spare_path(path) for path in order}
        for path in order:
            before, after = path_state.observe(path), originals[path]
            if path in self.store.blocks:
                # The file is that of others: what they did with it since stays.
                left = marked_block.restored(before.content or b"", after.content or b"", self.store.managed_by)
                after = before if before.content is None else dataclasses.replace(before, content=left)
            if before.kind == DIRECTORY and after.kind == ABSENT and not set(_children(path)) <= going:
                # Somebody else's files are in it by now: it stays.
                after = before
            secret = any(replaced_settings.has_secret(state.content) for state in (before, after))
            steps.append(Step(path, before, after, secret))
        return steps

    def _owed(self, plan: Plan, activations: Sequence[Activation]) -> list[list[str]]:
        changed = set(plan.changed_paths)
        owed = []
        for activation in activations:
            argv = list(activation.argv)
            hit = changed if not activation.paths else changed & set(activation.paths)
            if (hit or argv in self.store.pending) and argv not in owed:
                owed.append(argv)
        return owed

    # -- validating -------------------------------------------------------------------------------------------------

    def validate(self, plan: Plan, wanted: Sequence[PathSpec], *, lenient: bool) -> None:
        """Let each validator judge the candidate of each file that would change, before any goes live."""
        changed = set(plan.changed_paths)
        candidates = [item for item in wanted if item.validate and item.path in changed]
        if not candidates:
            return
        errors = []
        contents = {step.path: step.after.content for step in plan.steps}
        folder = tempfile.mkdtemp(prefix="ringfence-")  # made with mode 0700
        try:
            for number, item in enumerate(candidates):
                # Under its own name, so that the validator's words name the right file.
                place = os.path.join(folder, str(number))
                os.mkdir(place, 0o700)
                candidate = os.path.join(place, os.path.basename(item.path))
                descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(contents[item.path] or b"")
                error = self._judge(item, candidate, lenient)
                if error:
                    errors.append(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if errors:
            raise ManagedFilesError(errors)

    def _judge(self, item: PathSpec, candidate: str, lenient: bool) -> str | None:
        argv = [word.replace("%s", candidate) for word in item.validate]
        try:
            done = _run(argv)
        except FileNotFoundError:
            if lenient:
                self.warnings.append(f"{item.path} was not validated: {argv[0]} is not installed yet")
                return None
            return f"{item.path} cannot be validated: {argv[0]} is not installed"
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{item.path} cannot be validated: {error}"
        if done.returncode == 0:
            return None
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").replace(candidate, item.path)
        return f"{item.path} is refused by {argv[0]} (exit status {done.returncode}): {words}"

    # -- doing ------------------------------------------------------------------------------------------------------

    def apply(self, plan: Plan, *, remove_store: bool = False) -> None:
        """Do what was planned. Whatever stops this in the middle, the next run carries it to its end."""
        try:
            with self.store.locked():
                self._apply(plan, remove_store)
        except (OSError, StoreError) as error:
            raise ManagedFilesError([f"{error}: what is left to do is done by the next run"]) from error

    def _apply(self, plan: Plan, remove_store: bool) -> None:
        if not remove_store:
            going = set(plan.put_back)
            originals = {step.path: step.before for step in plan.steps if step.path not in going}
            originals.update({folder: PathState(ABSENT) for folder in plan.shared})
            for path in plan.blocks:
                # One that is there already is of a run whose store was lost.
                left = marked_block.without_block(originals[path].content or b"", self.store.managed_by)
                originals[path] = dataclasses.replace(originals[path], content=left)
            self.store.remember(originals, plan.explicit, plan.blocks)
        # What another call owes is not this one's to run, nor to forget.
        others = [argv for argv in self.store.pending if argv not in plan.commands]
        if plan.commands:
            self.store.owe(others + plan.commands)
        for step in plan.steps:
            # Also without a difference: a spare file of a run that died is swept away.
            path_state.establish(step.path, step.after)
        for argv in plan.commands:
            self._activate(argv)
        if remove_store:
            self.store.remove()
            return
        if plan.commands:
            self.store.owe(others)
        if plan.put_back:
            self.store.forget(plan.put_back)

    def _activate(self, argv: Sequence[str]) -> None:
        try:
            done = _run(argv)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreError(f"the files are in place but '{' '.join(argv)}' could not be run ({error})") from error
        if done.returncode != 0:
            words = done.stderr.strip() or done.stdout.strip() or "no reason given"
            raise StoreError(
                f"the files are in place but '{' '.join(argv)}' failed (exit status {done.returncode}): {words}"
            )

    def needs_writing(self, plan: Plan) -> bool:
        """Whether there is anything to write at all, the store's own records included."""
        unknown = [path for path in plan.explicit if path not in self.store.paths]
        leftovers = [step.path for step in plan.steps if os.path.lexists(path_state.spare_path(step.path))]
        turned = self.store.turned(plan.explicit, plan.blocks)
        return bool(plan.changed or unknown or plan.put_back or leftovers or turned)


def _parents(path: str) -> list[str]:
    """The parent folders of a path, the nearest to the root first, without the root."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: end + 1]) for end in range(len(parts))]


def _children(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
        env={**os.environ, "LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
