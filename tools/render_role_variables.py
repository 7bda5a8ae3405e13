# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the section Variables of each role's README from the role's argument_specs.

With ``--check`` nothing is written, and a README that is not up to date is an error.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from tools.checkout import ROOT

HEADING = "## Variables"
_TEXT = """\
{heading}

From `meta/argument_specs.yml`, by which every run is checked; `ansible-doc -t role ringfence.callcenter.{role}` shows
the same.

| Variable | Type and default | What it says |
| --- | --- | --- |
{rows}
"""
#: Ansible's markup for names and values, and that of its older documentation.
_CODE = re.compile(r"\b[COVEP]\(((?:[^()]|\([^()]*\))*)\)")
_NESTED = re.compile(r"\b[COV]\('(.*?)'\)")
_EMPHASIS = re.compile(r"\b[IB]\((.*?)\)")


def markdown(text: str) -> str:
    """A text of argument_specs as one of a table's cell."""
    plain = " ".join(str(text).split())
    plain = _NESTED.sub(r"`\1`", plain)
    plain = _CODE.sub(r"`\1`", plain)
    return _EMPHASIS.sub(r"*\1*", plain).replace("|", "\\|")


def _default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    if "default" not in option:
        return "no default"
    value = option["default"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Some templates are longer than any table; argument_specs has them.
    if "{{" in text or "{%" in text:
        return "default: worked out from other variables"
    return "default: `" + text.replace("|", "\\|") + "`" if text else "default: empty"


def _type(option: Mapping[str, Any]) -> str:
    kind = str(option.get("type", "str"))
    kind += f" of {option['elements']}" if "elements" in option else ""
    choices = ", ".join(f"`{one}`" for one in option.get("choices", []))
    return kind + (f": {choices}" if choices else "")


def _rows(options: Mapping[str, Mapping[str, Any]], above: str = "") -> Iterable[str]:
    for name, option in options.items():
        said = option.get("description", "")
        text = markdown(" ".join(said) if isinstance(said, list) else said)
        yield f"| `{above}{name}` | {_type(option)}; {_default(option)} | {text} |"
        yield from _rows(option.get("options") or {}, f"{above}{name}{'[]' if option.get('type') == 'list' else ''}.")


def section(role: str, options: Mapping[str, Mapping[str, Any]]) -> str:
    """The section of a role."""
    return _TEXT.format(heading=HEADING, role=role, rows="\n".join(_rows(options)))


def rendered(readme: str, role: str, options: Mapping[str, Mapping[str, Any]]) -> str:
    """A README with the section as it should be, at its end where it had none."""
    before, found, after = readme.partition(f"\n{HEADING}\n")
    rest = "\n## " + after.partition("\n## ")[2] if found and "\n## " in after else ""
    return f"{before.rstrip()}\n\n{section(role, options)}{rest}"


def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a README is not up to date")
    check = parser.parse_args(argv).check
    stale = []
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        role = path.parent.parent.name
        options = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"].get("options") or {}
        readme = path.parent.parent / "README.md"
        now = readme.read_text(encoding="utf-8")
        wanted = rendered(now, role, options)
        if now != wanted and not check:
            readme.write_text(wanted, encoding="utf-8")
        elif now != wanted:
            stale.append(str(readme))
    for name in stale:
        print(f"{name} is not up to date: run python3 -m tools.render_role_variables", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
