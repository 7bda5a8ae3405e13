# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of originals: how paths were before a role first changed them.

One folder for each role below ``/var/lib/ringfence/originals``, readable by root only::

    ROLE/index.json     {"version": 1, "paths": {PATH: ENTRY}, "pending": [[ARGV...], ...]}
    ROLE/NAME.original  the content of a file that was there (NAME: the sha256 of its path)

ENTRY: ``kind``, ``mode`` (octal text), ``uid``, ``gid``, ``target`` (links), ``explicit`` (false: a parent folder that
was made on the way) and ``block`` (true: only a block in it is ours). ``pending``: commands still owed for changes
already made. The index is replaced atomically, always after the contents it names and before the change it makes
undoable: whenever a run dies, the next one knows the truth.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
    sync_folder,
)

ROOT = "/var/lib/ringfence/originals"
_INDEX = "index.json"


class StoreError(Exception):
    """The store cannot be read or is not ours: one sentence for the user."""


class Store:
    """The originals that one role saved."""

    def __init__(self, managed_by: str, root: str = ROOT) -> None:
        self.managed_by = managed_by
        self.root = root
        self.folder = os.path.join(root, managed_by)
        self.paths: dict[str, PathState] = {}
        self.explicit: dict[str, bool] = {}
        self.blocks: set[str] = set()
        self.pending: list[list[str]] = []
        #: Also true of what a removal that died has left.
        self.exists = os.path.isdir(self.folder)
        self._load()

    def _blob(self, path: str) -> str:
        return os.path.join(self.folder, hashlib.sha256(path.encode()).hexdigest() + ".original")

    def _load(self) -> None:
        index = _read_index(os.path.join(self.folder, _INDEX))
        if index is None:
            return
        self.pending = [[str(word) for word in argv] for argv in index.get("pending", [])]
        for path, entry in index["paths"].items():
            content = None
            if entry["kind"] == FILE:
                content = observe(self._blob(path)).content
                if content is None:
                    raise StoreError(f"the original of {path} is missing: {self._blob(path)}")
            self.explicit[path] = bool(entry.get("explicit", True))
            self.blocks |= {path} if entry.get("block") else set()
            self.paths[path] = PathState(
                entry["kind"], int(entry["mode"], 8), entry["uid"], entry["gid"], content, entry.get("target")
            )

    def remember(
        self, originals: Mapping[str, PathState], explicit: Mapping[str, bool], blocks: Iterable[str] = ()
    ) -> bool:
        """Save how paths are before their first change; paths known already keep their first original."""
        new = {path: state for path, state in originals.items() if path not in self.paths}
        for path, state in new.items():
            if state.kind == FILE:
                self._make_folder()
                blob = PathState(FILE, 0o600, os.geteuid(), os.getegid(), content=state.content)
                establish(self._blob(path), blob)
        self.paths.update(new)
        promoted = [
            path for path, is_explicit in explicit.items() if is_explicit and not self.explicit.get(path, False)
        ]
        for path in new:
            self.explicit[path] = bool(explicit.get(path, True))
        for path in promoted:
            self.explicit[path] = True
        if new or promoted or self.turned(originals, blocks):
            self.blocks = self.blocks.difference(originals).union(blocks)
            self.save()
        return bool(new)

    def turned(self, paths: Iterable[str], blocks: Iterable[str]) -> set[str]:
        """Those of the paths that were kept whole and are kept as a block from now on, or the other way round."""
        return self.blocks.intersection(paths) ^ set(blocks)

    def forget(self, paths: Sequence[str]) -> None:
        """Drop paths that are back as they were."""
        for path in paths:
            self.paths.pop(path, None)
            self.explicit.pop(path, None)
            self.blocks.discard(path)
        self.save()
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._blob(path))

    def owe(self, commands: Sequence[Sequence[str]]) -> None:
        """Record which commands are still owed: before the changes they follow, and again after they ran."""
        wanted = [list(argv) for argv in commands]
        if wanted != self.pending:
            self.pending = wanted
            self.save()

    def _make_folder(self) -> None:
        os.makedirs(os.path.dirname(self.root), mode=0o755, exist_ok=True)
        for folder in (self.root, self.folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            os.chmod(folder, 0o700)

    def save(self) -> None:
        """Write the index."""
        self._make_folder()
        entries = {
            path: {
                "kind": state.kind,
                "mode": f"{state.mode:04o}",
                "uid": state.uid,
                "gid": state.gid,
                "target": state.target,
                "explicit": self.explicit[path],
                **({"block": True} if path in self.blocks else {}),
            }
            for path, state in sorted(self.paths.items())
        }
        text = json.dumps({"version": 1, "paths": entries, "pending": self.pending}, indent=2, sort_keys=True) + "\n"
        state = PathState(FILE, 0o600, os.geteuid(), os.getegid(), content=text.encode())
        establish(os.path.join(self.folder, _INDEX), state)
        self.exists = True

    def remove(self) -> None:
        """Remove the store, the index first: what is left of a removal that died is no store."""
        for name in [_INDEX, *_names(self.folder)]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.folder, name))
        for folder in (self.folder, self.root, os.path.dirname(self.root)):
            try:
                os.rmdir(folder)
            except OSError:
                # Another role's store, or another subject's folder, lives there.
                break
            sync_folder(os.path.dirname(folder))
        self.exists = False

    def owners(self) -> dict[str, str]:
        """The paths that other roles manage: path -> role."""
        return {path: managed_by for managed_by, path, entry in self._of_others() if entry.get("explicit", True)}

    def made_on_the_way(self) -> set[str]:
        """The parent folders that other roles made: whoever leaves such a folder last removes it."""
        return {
            path
            for _role, path, entry in self._of_others()
            if not entry.get("explicit", True) and entry["kind"] == ABSENT
        }

    def _of_others(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for managed_by in _names(self.root):
            if managed_by != self.managed_by:
                index = _read_index(os.path.join(self.root, managed_by, _INDEX))
                for path, entry in (index or {"paths": {}})["paths"].items():
                    yield managed_by, path, entry

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out while files change. The lock dies with the process and leaves no file."""
        self._make_folder()
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreError(
                    "another run is changing managed files on this host: let it end, then try again"
                ) from error
            yield
        finally:
            os.close(descriptor)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read_index(path: str) -> dict[str, Any] | None:
    content = observe(path).content
    if content is None:
        return None
    try:
        index = json.loads(content)
    except ValueError as error:
        raise StoreError(f"{path} is not readable as JSON ({error}): restore it from a backup") from error
    if not isinstance(index, dict) or index.get("version") != 1 or not isinstance(index.get("paths"), dict):
        raise StoreError(f"{path} was written by another version of this collection")
    return index
