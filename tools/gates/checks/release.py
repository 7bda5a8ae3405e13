# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users get it: built, installed into an empty path, documented and runnable from there."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections import Counter
from pathlib import Path

from tools.gates.base import Gate, command, run
from tools.gates.build import BuildFailed, build
from tools.repository import Repository

COLLECTION = "ringfence.callcenter"

#: Folder of plugins/ -> type of ansible-doc. Action plugins are documented as the module of the same name.
_TYPES = {
    "become": "become",
    "callback": "callback",
    "connection": "connection",
    "filter": "filter",
    "inventory": "inventory",
    "lookup": "lookup",
    "modules": "module",
    "strategy": "strategy",
    "test": "test",
    "vars": "vars",
}


#: What a user gets. How it is made and tested is for those who have the checkout.
_SHIPPED = frozenset({"catalog", "docs", "inventories", "meta", "playbooks", "plugins", "roles", "requirements.txt"})
_SHIPPED |= {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "FILES.json", "MANIFEST.json"}


def strangers(repository: Repository, tarball: Path) -> list[str]:
    """What is in the tarball and not for its users: leftovers of this machine, and what only developers need."""
    made = {"MANIFEST.json", "FILES.json"}
    with tarfile.open(tarball) as archive:
        names = {member.name for member in archive.getmembers() if member.isfile()}
    # One line a folder: a forgotten cache has hundreds of files.
    tops = Counter(name.split("/")[0] for name in names - set(repository.names) - made)
    unknown = [
        f"{top}: {count} file(s) in the tarball that git does not know: add it to build_ignore in galaxy.yml"
        for top, count in sorted(tops.items())
    ]
    others = sorted({name.split("/")[0] for name in names} - _SHIPPED - set(tops))
    return unknown + [
        f"{top}: in the tarball, but not for users: add it to build_ignore in galaxy.yml" for top in others
    ]


def plugins(repository: Repository) -> dict[str, list[str]]:
    """The documented plugins of the collection by type of ansible-doc, and its roles; full names."""
    found: dict[str, list[str]] = {}
    for folder, kind in _TYPES.items():
        short = {
            name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
            for name in repository.files(f"plugins/{folder}/*.py", f"plugins/{folder}/*.yml")
        }
        # A file of filters or tests may define several, each documented in a YAML file of its own name.
        if folder in ("filter", "test"):
            documented = {name.rsplit("/", 1)[-1][:-4] for name in repository.files(f"plugins/{folder}/*.yml")}
            short = documented or short
        names = sorted(f"{COLLECTION}.{name}" for name in short if not name.startswith("_"))
        if names:
            found[kind] = names
    if repository.roles:
        found["role"] = [f"{COLLECTION}.{role}" for role in repository.roles]
    return found


def documentation_problems(kind: str, names: list[str], output: str) -> list[str]:
    """Plugins that ansible-doc knows nothing about."""
    try:
        known = json.loads(output[output.index("{") :])
    except ValueError:
        return [f"ansible-doc --type {kind}: {output.strip()}"]
    return [f"{name}: ansible-doc --type {kind} shows nothing" for name in names if not known.get(name)]


def check(repository: Repository) -> list[str]:
    """What goes wrong on the way from the checkout to a user's first run."""
    work = repository.cache / "release"
    try:
        tarball = build(repository, work / "built")
    except BuildFailed as problem:
        return [str(problem)]
    problems = strangers(repository, tarball)
    path = work / "collections"
    shutil.rmtree(path, ignore_errors=True)
    # An empty folder to work in: no ansible.cfg of the checkout, no other collection of ours is in reach.
    desk = work / "desk"
    desk.mkdir(exist_ok=True)
    (desk / "ansible.cfg").write_text("", encoding="utf-8")
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(path), "ANSIBLE_CONFIG": str(desk / "ansible.cfg")}
    install = ["ansible-galaxy", "collection", "install", "--offline", "--collections-path", str(path), str(tarball)]
    failed = command(install, folder=desk, environment=environment)
    if failed:
        return problems + failed
    for kind, names in plugins(repository).items():
        shown = run(["ansible-doc", "--json", "--type", kind, *names], folder=desk, environment=environment)
        if shown.status != 0:
            problems.append(shown.output.strip())
        else:
            problems += documentation_problems(kind, names, shown.output)
    for name in repository.files("playbooks/*.yml"):
        if name.count("/") == 1:
            playbook = f"{COLLECTION}.{name.rsplit('/', 1)[-1][: -len('.yml')]}"
            syntax = ["ansible-playbook", "--syntax-check", "--inventory", "localhost,", playbook]
            problems += command(syntax, folder=desk, environment=environment)
    return problems


GATE = Gate("release", check, seconds=25, remembered=True)
