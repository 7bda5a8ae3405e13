# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits the very machine it runs on, read-only, with nothing but Python: make audit-local.

The checks are those of all roles with their defaults, from catalog/default_checks.json. What needs root is
``not_observed`` when it is run without. A machine that no role has hardened fails many checks: that is the result, and
the exit status is 0 all the same. 2 means that it was called in a wrong way or that the bundle cannot be written.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tools.checkout import ROOT, make_importable

make_importable()

from ansible_collections.ringfence.callcenter.plugins.module_utils import probe_session  # noqa: E402  # not importable before
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding  # noqa: E402  # not importable before
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (  # noqa: E402  # not importable before
    bundle,
    catalog,
    checks,
    findings,
    provenance,
    summary,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material  # noqa: E402  # not importable before

DEFAULTS = ROOT / "catalog" / "default_checks.json"
OUTPUT = ROOT / ".cache" / "audit-local"


def _applies(kinds: Any, mine: set[str]) -> bool:
    return kinds == "all" or not mine.isdisjoint(kinds)


def prepared(content: dict[str, Any], kinds: set[str]) -> list[checks.PreparedCheck]:
    """The checks for a host of these kinds."""
    items = []
    for row in content["checks"]:
        if _applies(row["kinds"], kinds):
            reason = row["not_applicable"]
            items.append(
                checks.PreparedCheck(row, None if reason is None else finding(row, "not_applicable", reason=reason))
            )
    return items


def audit(content: dict[str, Any], output: Path, kinds: set[str]) -> tuple[bundle.SealedFolder, list[dict[str, Any]]]:
    """Observe this machine and seal a bundle about it."""
    items = prepared(content, kinds)
    name = platform.node() or "localhost"
    path = bundle.open_run(str(output), {"name": "audit-local", "title": f"This machine: {name}"})
    sent = time.time()
    answer = findings.check_answer(probe_session.look([item.check for item in items if item.finding is None]))
    record = findings.record(
        name,
        attributes={"kinds": sorted(kinds), "groups": []},
        findings=findings.merge(items, answer["findings"]),
        seen=findings.look(answer, sent, time.time()),
    )
    material = Material(
        records=[record],
        controls=[control for control in content["controls"] if _applies(control["kinds"], kinds)],
        catalog=catalog.from_data(content["catalog"]),
        about={"collection": provenance.collection(str(ROOT)), "ansible": None, "python": platform.python_version()},
    )
    sealed = bundle.seal(path, material)
    return sealed, [record]


def main(arguments: list[str] | None = None) -> int:
    """Run the audit and print its summary."""
    parser = argparse.ArgumentParser(prog="audit-local", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, help="the folder for evidence bundles (default: %(default)s)"
    )
    parser.add_argument(
        "--kind", action="append", default=[], help="a kind of host that this machine is, such as gateway"
    )
    options = parser.parse_args(arguments)
    try:
        content = json.loads(DEFAULTS.read_text(encoding="utf-8"))
        known = sorted({kind for row in content["checks"] if row["kinds"] != "all" for kind in row["kinds"]})
        for kind in options.kind:
            if kind not in known:
                print(
                    f"audit-local: no role belongs to kind {kind}; kinds: {', '.join(known) or 'none'}", file=sys.stderr
                )
                return 2
        sealed, records = audit(content, options.output, set(options.kind))
    except (OSError, ValueError, bundle.BundleError) as problem:
        print(f"audit-local: {problem}", file=sys.stderr)
        return 2
    print(summary.text(sealed.judged, sealed.report))
    if not records[0]["look"]["root"]:
        print("\nRun it as root to see what is not observed now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
