# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-test sanity``, every test, with an empty ignore file, on a copy of the tree below ``ansible_collections/``.

The tools of each test are installed once by ansible-test into its own virtual environments, from the Python package
index that pip is set up to use: import, pep8, pylint, runtime-metadata, validate-modules, yamllint, ansible-doc and
changelog need it on a machine's first run and no network afterwards. pip itself would be fetched from a server of
Ansible's, which many build networks can't reach: ``get_pip`` puts a script in its place that starts the wheel that
every Python carries in ensurepip. pslint looks at PowerShell, of which there is none.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path

from tools.gates.base import Gate, run
from tools.repository import Repository

IGNORE = "tests/sanity/ignore-2.19.txt"

#: Tests that have nothing to look at here and may say so.
_IDLE = {"pslint"}
_SKIPPED = re.compile(r"WARNING: .*(?:Skipping|Skipped|Unable to run|Required program).*", re.I)
_CHATTER = re.compile(
    r"Running sanity test|Installing requirements|Using cached pip|Looking in |Collecting |Processing |\s+Downloading "
    r"|Installing collected|Successfully installed|\s*━|WARNING: Location |WARNING: Using locale "
)

_GET_PIP = '''\
"""Stands in for get-pip: runs the pip that comes with this Python's ensurepip with the same arguments."""

import ensurepip
import os
import runpy
import sys

folder = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
wheels = [name for name in os.listdir(folder) if name.startswith("pip-") and name.endswith(".whl")]
sys.path.insert(0, os.path.join(folder, wheels[0]))
if "install" not in sys.argv and any("==" in argument for argument in sys.argv[1:]):
    # ansible-test asks get-pip for packages by naming them, with options of get-pip's own.
    sys.argv[1:] = ["install", *(word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel"))]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def get_pip_names() -> list[str]:
    """The names under which the installed ansible-test looks for its cached get-pip scripts."""
    package = importlib.util.find_spec("ansible_test")
    if package is None or not package.submodule_search_locations:
        return []
    source = Path(package.submodule_search_locations[0]) / "_internal" / "python_requirements.py"
    versions = re.findall(r"pip='([0-9.]+)'", source.read_text(encoding="utf-8"))
    return sorted({f"get_pip_{version.replace('.', '_')}.py" for version in versions})


def provide_get_pip(folder: Path | None = None) -> list[str]:
    """Write our script where ansible-test would put its download, unless one is there; returns what was written."""
    cache = folder or Path("~/.ansible/test/cache").expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    missing = [name for name in get_pip_names() if not (cache / name).exists()]
    for name in missing:
        (cache / name).write_text(_GET_PIP, encoding="utf-8")
    return missing


def ignored(repository: Repository) -> list[str]:
    """Entries in ignore files, of which there must be none."""
    return [
        f"{name}: must be empty, has: {line}"
        for name in repository.files("tests/sanity/ignore*.txt")
        for line in repository.text(name).splitlines()
    ]


def skipped(output: str) -> list[str]:
    """Tests that ansible-test left out although they have something to look at: they did not pass."""
    lines = [line for line in output.splitlines() if _SKIPPED.match(line)]
    return [line for line in lines if not any(name in line for name in _IDLE)]


def complaints(output: str) -> str:
    """The output without what pip and the passing tests say; all of it where nothing else is in it."""
    lines = [line for line in output.splitlines() if line.strip() and not _CHATTER.match(line)]
    return "\n".join(lines) or output


def check(repository: Repository) -> list[str]:
    """What ansible-test says."""
    problems = ignored(repository)
    if IGNORE not in repository.names:
        problems.append(f"{IGNORE} is missing")
    provide_get_pip()
    folder = repository.copy_to(repository.cache / "sanity" / "ansible_collections" / "ringfence" / "callcenter")
    # ansible-test takes the list of files from git; without a repository of its own it would find the checkout's.
    for argv in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        made = run(argv, folder=folder)
        if made.status != 0:
            return [*problems, made.output]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    done = run(["ansible-test", "sanity", "--local", "--python", version, "--color", "no"], folder=folder)
    shutil.rmtree(folder / ".git", ignore_errors=True)
    if done.status != 0:
        return [*problems, complaints(done.output)]
    return problems + skipped(done.output)


GATE = Gate("sanity", check, seconds=150, remembered=True)
