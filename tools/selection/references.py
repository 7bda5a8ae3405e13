# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of the checkout a file uses: what it imports, the plugins and roles it names, the files it names.

Nothing is declared by hand, so nothing can be forgotten: a name in a comment counts as well, and costs a test run that
was not needed at worst. What is put together from parts when it runs cannot be seen; ``closure`` knows those places.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from tools.repository import Repository

COLLECTION = "ansible_collections.ringfence.callcenter"
_NAMED = re.compile(r"\bringfence\.callcenter\.([a-z][a-z0-9_]*)")
_PROBE = re.compile(r"^\s*(?:- )?probe:\s*([a-z][a-z0-9_]*)\s*$", re.MULTILINE)
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:yml|yaml|json|py|sh|j2|cfg|toml|txt|nft|rules|js|css|html|svg|md)\b")
_FOLDER = re.compile(r"\b(?:roles|playbooks|catalog|inventories|molecule|tests)/[\w.-]+(?:/[\w.-]+)*")
#: The folders of plugins that Ansible looks a name up in.
_KINDS = ("action", "modules", "filter", "lookup", "test", "inventory", "callback", "connection", "become")
#: Texts that name what they speak of, and use none of it.
_SPEAKS_ONLY = (".md", ".rst")


class References:
    """Of one checkout."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._seen: dict[str, frozenset[str]] = {}

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._repository.names)

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {}
        for name in self._repository.names:
            parts = name.split("/")[:-1]
            for depth in range(len(parts)):
                below.setdefault("/".join(parts[: depth + 1]), []).append(name)
        return below

    def folder(self, name: str) -> list[str]:
        """The files below a folder."""
        return self._folders.get(name, [])

    def of(self, name: str) -> frozenset[str]:
        """The files that a file uses by itself."""
        if name not in self._seen:
            self._seen[name] = frozenset(self._find(name)) - {name}
        return self._seen[name]

    def closure(self, start: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
        """The files and all that they use, and so on; not beyond those that begin with a text of ``stop``."""
        closed = tuple(stop)
        found: set[str] = set()
        todo = list(start)
        while todo:
            name = todo.pop()
            if name in found or name.startswith(closed):
                continue
            found.add(name)
            todo += self.of(name)
        return found

    def _find(self, name: str) -> Iterator[str]:
        if name.endswith(_SPEAKS_ONLY):
            return
        try:
            said = mentions(name, self._repository.text(name))
        except UnicodeDecodeError:
            return
        # A name that is no module is one of the package's or module's above it.
        yield from self._existing(path for target in said.imports for path in _modules(target))
        for word in said.plugins:
            yield from self._plugin(word)
        yield from self._existing(f"plugins/module_utils/probes/{word}.py" for word in said.probes)
        here = posixpath.dirname(name)
        # Beside the file, where a role's tasks look for it, or from the top.
        places = [here, *(f"{here}/../{folder}" for folder in ("templates", "files", "tasks", "vars")), ""]
        yield from self._existing(
            posixpath.normpath(posixpath.join(place, word)) for word in said.paths for place in places
        )
        for word in said.folders:
            yield from self.folder(word)

    def _plugin(self, word: str) -> Iterator[str]:
        yield from self._existing(f"plugins/{kind}/{word}{end}" for kind in _KINDS for end in (".py", ".yml"))
        yield from self.folder(f"roles/{word}")

    def _existing(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self._names]


@dataclass(frozen=True)
class Mentions:
    """What a file's text names: modules, plugins or roles, probes, paths and folders."""

    imports: frozenset[str]
    plugins: frozenset[str]
    probes: frozenset[str]
    paths: frozenset[str]
    folders: frozenset[str]


@cache
def mentions(name: str, text: str) -> Mentions:
    """What a file of this name and text names."""
    imports: frozenset[str] = frozenset()
    if name.endswith(".py"):
        tree = ast.parse(text, name)
        imports = frozenset(_imported(tree, name.split("/")[:-1]))
        text = _without_docstrings(tree)
    folders = (
        word for word in _FOLDER.findall(text) if word.count("/") > 1 or word.startswith(("roles/", "molecule/"))
    )
    return Mentions(
        imports,
        frozenset(_NAMED.findall(text)),
        frozenset(_PROBE.findall(text)),
        frozenset(_PATH.findall(text)),
        frozenset(folders),
    )


def _imported(tree: ast.Module, package: list[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _modules(target: str) -> Iterator[str]:
    parts = target.removeprefix(f"{COLLECTION}.").split(".")
    for length in range(1, len(parts) + 1):
        path = "/".join(parts[:length])
        yield f"{path}.py"
        yield f"{path}/__init__.py"


def _without_docstrings(tree: ast.Module) -> str:
    """Python source without comments and docstrings, which speak of other files and use none."""

    def spoken(one: ast.stmt) -> bool:
        return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)

    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = [one for one in node.body if not spoken(one)] or [ast.Pass()]
    return ast.unparse(tree)
