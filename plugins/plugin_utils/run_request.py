# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a playbook was asked for, looked at before its first play: would it do anything at all?

Ansible ends well when an inventory has no hosts, when --limit leaves out the machine that a play works on, or when no
task has the tags that were asked for.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .site_folder import models_in
from .site_model.problems import did_you_mean, listed

OLDEST_CORE = (2, 19)
NAME_IT = "Name the site's inventory with -i, as in -i inventories/mysite/site.yml."

# As Ansible calls what is no KEY=VALUE in an -e.
_LOOSE_WORDS = "_raw_params"
# A key, and a value of several words up to the next key.
_WITH_SPACES = re.compile(r"(\w+)=([^\s=\"']*(?:\s+[^\s=\"']+(?=\s|$))+)")

# Molecule gives these on every run.
_SKIPPED_BY_TOOLS = ("notest", "molecule-notest")


class RunRefused(Exception):
    """A run that would do nothing, or not what was asked for; the text says why and what helps."""


def check_core(version: str) -> None:
    """Refuse an ansible-core that is too old."""
    found = re.match(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < OLDEST_CORE:
        wanted = ".".join(map(str, OLDEST_CORE))
        raise RunRefused(
            f"This is ansible-core {version}, and the collection ringfence.callcenter needs {wanted} or newer: "
            f"pip install 'ansible-core>={wanted}'"
        )


def check_hosts(hosts: Sequence[str], sources: Sequence[str]) -> None:
    """Refuse an inventory without hosts. sources: what was named with -i, or Ansible's default."""
    if not hosts:
        tried = ", ".join(map(_tried, sources)) or "nothing"
        raise RunRefused(f"The inventory has no hosts, so there is nothing to do. Tried: {tried}. {NAME_IT}")


def check_limit(limit: str) -> None:
    """Refuse a --limit for a playbook that works on this machine, where it leaves out localhost."""
    if limit and "localhost" not in re.split(r"[,:]", limit):
        raise RunRefused(
            f"This playbook works on this machine alone and contacts no host: --limit {limit} would leave it nothing "
            "to do. Run it without --limit."
        )


def check_tags(run: Sequence[str], skip: Sequence[str], valid: Sequence[str]) -> None:
    """Refuse tags that no task has."""
    special = ["all", "tagged"] if valid else ["all", "untagged"]
    wrong = [("--tags", tag) for tag in run if tag not in valid and tag not in special]
    wrong += [("--skip-tags", tag) for tag in skip if tag not in valid and tag not in _SKIPPED_BY_TOOLS]
    if wrong:
        named = ", ".join(f"{option} {tag}" for option, tag in wrong)
        known = f"{listed(valid)}{did_you_mean(wrong[0][1], valid)}" if valid else "This playbook has no tags."
        raise RunRefused(f"No task has what was asked for: {named}. {known}")


def check_answers(given: Iterable[str], known: Sequence[str], options: Sequence[str] = ()) -> None:
    """Refuse variables of -e that the playbook does not know. Ansible's own are let through.

    options: what was given with each -e, as it was written.
    """
    given = list(given)
    if _LOOSE_WORDS in given:
        raise RunRefused(_about_loose_words(options))
    wrong = sorted(name for name in given if name not in known and not name.startswith("ansible_"))
    if wrong:
        hint = did_you_mean(wrong[0], known)
        raise RunRefused(f"This playbook does not know -e {', '.join(wrong)}. {listed(known)}{hint}")


def _about_loose_words(options: Sequence[str]) -> str:
    """What is wrong with an -e of which Ansible could not make KEY=VALUE as a whole, and how it is written."""
    texts = [option for option in options if not option.startswith(("@", "{", "["))]
    for text in texts:
        if "=" not in text:
            return f"-e {text} is not KEY=VALUE: name the key, as in -e {shlex.quote('title=Initech')}"
        found = _WITH_SPACES.search(text)
        if found:
            quoted = shlex.quote(f'{found[1]}="{" ".join(found[2].split())}"')
            return f"-e {text}: a value with spaces needs quotes of its own: -e {quoted}"
    return f"-e {' '.join(texts)}: a value with spaces needs quotes of its own, as in -e 'title=\"My site\"'"


def given_in(key: str, options: Sequence[str], read: Callable[[str], Any]) -> str:
    """Where an answer was given: the file and line, ``-e``, or nothing when it was not given so.

    options: what was given with each -e, as it was written; the last counts. read: the variables of one of them.
    """
    for option in reversed(options):
        given = read(option)
        if not isinstance(given, Mapping) or key not in given:
            continue
        if not option.startswith("@"):
            return "-e"
        try:
            with open(option[1:], encoding="utf-8") as stream:
                lines = [number for number, line in enumerate(stream, 1) if _begins(line, key)]
        except (OSError, UnicodeDecodeError):
            lines = []
        return f"{option[1:]}:{lines[-1]}" if lines else option[1:]
    return ""


def _begins(line: str, key: str) -> bool:
    """Whether a line of YAML or JSON begins with a key."""
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*:""", line) is not None


def site_folder(sources: Sequence[str]) -> str:
    """The folder of the site, by the first source of the inventory: the folder itself, or that of the file."""
    source = _first(sources)
    return source if os.path.isdir(source) else os.path.dirname(source)


def site_model(sources: Sequence[str]) -> str:
    """The site model that the inventory names, also by its folder."""
    source = _first(sources)
    if not os.path.isdir(source):
        return source
    found = models_in(source)
    if len(found) != 1:
        names = listed(map(os.path.basename, found)) if found else "It has none."
        raise RunRefused(f"Which site model of {source} is meant? Name it with -i, or with -e site_file=. {names}")
    return found[0]


def _first(sources: Sequence[str]) -> str:
    """The first source of the inventory as a path; a list of hosts has the working directory."""
    source = sources[0] if sources else ""
    if "," in source and not os.path.exists(source):
        return os.getcwd()
    if not source or not os.path.exists(source):
        raise RunRefused(f"There is no inventory to say where the site is. Tried: {_tried(source)}. {NAME_IT}")
    return os.path.realpath(source)


def _tried(source: str) -> str:
    if not source:
        return "nothing, none was named"
    if "," in source or os.path.isfile(source):
        return f"{source} (a warning above says what was wrong with it, or it is empty)"
    if os.path.isdir(source):
        models = ", ".join(map(os.path.basename, models_in(source)))
        return f"the folder {source} ({f'its site models are {models}' if models else 'it has no site.yml'})"
    return f"{source} (not there)"
