# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role's defaults/main.yml and meta/argument_specs.yml name the same variables with the same values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.gates.base import Gate
from tools.repository import Repository


def _same(left: Any, right: Any) -> bool:
    """Equality that keeps true and 1 apart."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def compare(role: str, defaults: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """What the two say differently, and names that are not the role's."""
    problems = []
    for name in sorted({*defaults, *options}):
        if not name.startswith(f"{role}_"):
            problems.append(f"roles/{role}: {name} does not start with {role}_")
        if name not in options:
            problems.append(f"roles/{role}/meta/argument_specs.yml: {name} of the defaults is not there")
            continue
        option = options[name] or {}
        if not option.get("description"):
            problems.append(f"roles/{role}/meta/argument_specs.yml: {name} has no description")
        if name not in defaults:
            if not option.get("required"):
                problems.append(f"roles/{role}/defaults/main.yml: {name} is not there (and is not required: true)")
            if "default" in option:
                problems.append(
                    f"roles/{role}/meta/argument_specs.yml: {name} has a default that no defaults file sets"
                )
        elif option.get("required"):
            problems.append(f"roles/{role}/meta/argument_specs.yml: {name} is required and has a default")
        elif "default" in option and not _same(option["default"], defaults[name]):
            problems.append(
                f"roles/{role}: {name} is {defaults[name]!r} in the defaults "
                f"and {option['default']!r} in the argument specs"
            )
    return problems


def check(repository: Repository) -> list[str]:
    """What differs, role by role."""
    problems = []
    for role in repository.roles:
        defaults, specs = f"roles/{role}/defaults/main.yml", f"roles/{role}/meta/argument_specs.yml"
        missing = [name for name in (defaults, specs) if name not in repository.names]
        if missing:
            problems += [f"{name} is missing" for name in missing]
            continue
        main = ((repository.load(specs) or {}).get("argument_specs") or {}).get("main") or {}
        if not main.get("short_description"):
            problems.append(f"{specs}: main has no short_description")
        problems += compare(role, repository.load(defaults) or {}, main.get("options") or {})
    return problems


GATE = Gate("argument-specs", check)
