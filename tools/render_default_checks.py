# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes catalog/default_checks.json: the checks of all roles as their defaults make them, and the catalogue.

``make audit-local`` runs from it, on machines that have neither Ansible nor PyYAML. The file is generated from the
roles and from catalog/; with ``--check`` nothing is written and a file that is not up to date is an error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

from tools.checkout import PACKAGE, ROOT

#: Without a playbook nobody knows what the roles are told there.
UNTOLD = "What a role keeps on a host is compared by an audit of the site that it is in"
OUTPUT = ROOT / "catalog" / "default_checks.json"


@contextlib.contextmanager
def _collection() -> Iterator[None]:
    """Let Ansible find this checkout's collection, filters included, and no other copy that is installed."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder).joinpath(*PACKAGE.split("."))
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        init_plugin_loader([folder])
        yield


def rendered(roles_path: Path = ROOT / "roles") -> dict[str, Any]:
    """The content: ``controls``, ``checks`` (each with ``kinds``), ``catalog``."""
    # Not before Ansible's own importer of collections is in place.
    from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (  # noqa: PLC0415  # see above
        catalog,
        checks,
        controls,
        role_source,
    )

    loader = DataLoader()
    roles = role_source.load_roles(loader, str(roles_path), None)
    templar = Templar(loader=loader, variables={})
    rows: list[dict[str, Any]] = []
    for role in roles:
        # A machine without an inventory is in no group.
        fill = role_source.filler(templar, role, {"group_names": []})
        made = [checks.prepare_control(control, fill, lambda: ([], frozenset())) for control in role.controls]
        for item in (item for of_control in made for item in of_control):
            if item.finding is not None and item.finding["status"] == "error":
                raise SystemExit(
                    f"{item.check['id']} cannot be rendered from the role's defaults: {item.finding['reason']}"
                )
            reason = None if item.finding is None else item.finding["reason"]
            if reason is None and item.check["probe"] == controls.STEPS_PROBE:
                reason = UNTOLD
            rows.append(
                {**item.check, "kinds": "all" if role.kinds is None else list(role.kinds), "not_applicable": reason}
            )
    return {
        "controls": controls.as_data(roles),
        "checks": rows,
        "catalog": catalog.load(str(ROOT / "catalog")).as_data(),
    }


def text(content: dict[str, Any]) -> str:
    """The file's text: the same for the same content, one line a row so that differences can be read."""
    return _lines(content) + "\n"


def _lines(value: Any) -> str:
    """JSON with a line for each row of a list, however deep that lies in mappings."""
    if isinstance(value, dict) and any(isinstance(one, (dict, list)) for one in value.values()):
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(one)}" for key, one in sorted(value.items())) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in value) + "\n]"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit status 1 when the file is not up to date"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    with _collection():
        wanted = text(rendered())
    if not options.check:
        options.output.write_text(wanted, encoding="utf-8")
        return 0
    there = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    if there == wanted:
        return 0
    print(f"{options.output} is not up to date: run python3 -m tools.render_default_checks", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
