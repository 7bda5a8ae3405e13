# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: modules import module_utils, controller plugins plugin_utils, plugin_utils module_utils.

What runs on a host stands on the standard library alone (modules also on ansible.module_utils) and never loads the
slow parts of it, not even through another module: that is seen by importing every file and looking at what is loaded.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator

from tools.gates.base import Gate, run
from tools.repository import Repository

COLLECTION = "ansible_collections.ringfence.callcenter"
PLUGINS = f"{COLLECTION}.plugins"

#: They cost a host 20 to 100 ms each before the first line of ours runs.
SLOW = ("asyncio", "urllib.request", "http.client", "ssl")

#: In the standard library of the Python we check with, not in that of the oldest one we run on (3.9).
_TOO_NEW = {"tomllib"}
_STANDARD = frozenset(sys.stdlib_module_names) - _TOO_NEW

#: What each kind of plugin may import beside the standard library; the other kinds count as "controller".
_MAY = {
    "module_utils": (f"{PLUGINS}.module_utils",),
    "modules": ("ansible.module_utils", f"{PLUGINS}.module_utils"),
    "plugin_utils": ("yaml", f"{PLUGINS}.plugin_utils", f"{PLUGINS}.module_utils"),
    "doc_fragments": (),
    "controller": ("yaml", "jinja2", "ansible", f"{PLUGINS}.plugin_utils", f"{PLUGINS}.module_utils"),
}

#: The places of plugin_utils where Ansible's own objects are handled, for action plugins; nothing else there uses
#: them, so that bundles and reports can be read where no Ansible is installed.
_ADAPTERS = {
    "plugins/plugin_utils/confirmation.py": f"{PLUGINS}.plugin_utils.confirmation",
    "plugins/plugin_utils/host_call.py": f"{PLUGINS}.plugin_utils.host_call",
    "plugins/plugin_utils/host_steps.py": f"{PLUGINS}.plugin_utils.host_steps",
    "plugins/plugin_utils/role_source.py": f"{PLUGINS}.plugin_utils.role_source",
    "plugins/plugin_utils/steps.py": f"{PLUGINS}.plugin_utils.steps",
}

_PROGRAM = """
import importlib, json, sys, types
sys.dont_write_bytecode = True
root, names = sys.argv[1], sys.argv[2:]
for name, path in (("ansible_collections", None), ("ansible_collections.ringfence", None),
                   ("ansible_collections.ringfence.callcenter", root)):
    package = types.ModuleType(name)
    package.__path__ = [path] if path else []
    sys.modules[name] = package
found = {}
for name in names:
    before = set(sys.modules)
    importlib.import_module(name)
    for slow in SLOW:
        if slow in sys.modules and slow not in before:
            found.setdefault(name, []).append(slow)
print(json.dumps(found))
"""


def _within(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Every node below an ``if TYPE_CHECKING:``; nothing there is imported at run time."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            found |= {below for statement in node.body for below in ast.walk(statement)}
    return found


def imported(source: str, name: str) -> Iterator[tuple[int, str]]:
    """(line, full name) of everything a plugin file imports at run time; ``name`` is its path in the checkout."""
    tree = ast.parse(source, name)
    ignored = _for_types_only(tree)
    package = [*COLLECTION.split("."), *name.split("/")[:-1]]
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from urllib import request` imports urllib.request.
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _kind(name: str) -> str:
    folder = name.split("/")[1]
    if name in _ADAPTERS:
        return "controller"
    return folder if folder in _MAY else "controller"


def file_problems(source: str, name: str) -> list[str]:
    """The imports of one plugin file that it may not make."""
    problems = []
    kind = _kind(name)
    for line, target in imported(source, name):
        if kind in ("modules", "module_utils") and _within(target, SLOW):
            problems.append(f"{name}:{line}: {target} is too slow to start for a host")
        elif target.split(".")[0] not in _STANDARD and not _within(target, _MAY[kind]):
            problems.append(f"{name}:{line}: a file of {kind} may not import {target}")
        elif kind == "plugin_utils" and _within(target, tuple(_ADAPTERS.values())):
            problems.append(f"{name}:{line}: {target} brings Ansible with it: only a plugin may import it")
    return problems


def loaded_problems(repository: Repository) -> list[str]:
    """Files of module_utils that load one of the slow modules, if only through another module."""
    files = repository.files("plugins/module_utils/*.py")
    names = [f"{COLLECTION}.{name[:-3].replace('/', '.')}" for name in files if not name.endswith("__init__.py")]
    program = f"SLOW = {SLOW!r}\n{_PROGRAM}"
    done = run([sys.executable, "-I", "-S", "-c", program, str(repository.root), *names], folder=repository.root)
    if done.status != 0:
        return [f"a file of module_utils can't be imported with the standard library alone:\n{done.output}"]
    found = json.loads(done.output)
    return [f"{name} loads {', '.join(slow)}, which is too slow to start for a host" for name, slow in found.items()]


def role_problems(repository: Repository) -> list[str]:
    """Files of roles that mention the catalogues: those are the audit's to read."""
    return [
        f"{name}:{number}: a role never reads catalog/"
        for name in repository.files("roles/*")
        for number, line in enumerate(repository.text(name).splitlines(), 1)
        if re.search(r"\bcatalog/", line)
    ]


def check(repository: Repository) -> list[str]:
    """Every import that goes the wrong way."""
    problems = []
    for name in repository.files("plugins/*.py"):
        problems += file_problems(repository.text(name), name)
    return problems + loaded_problems(repository) + role_problems(repository)


GATE = Gate("imports", check)
