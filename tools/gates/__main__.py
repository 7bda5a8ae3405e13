# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the gates."""

from __future__ import annotations

import argparse
import sys

from tools.gates.runner import all_gates, run_gates
from tools.repository import Repository


def main(arguments: list[str] | None = None) -> int:
    """Run the gates that were named, or all; returns the exit status."""
    gates = {gate.name: gate for gate in all_gates()}
    parser = argparse.ArgumentParser(prog="python -m tools.gates", description="Checks of the whole tree.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a gate (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the gates and end")
    parser.add_argument("--workers", type=int, default=2, help="how many run at a time (default: 2)")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(gates))
        return 0
    unknown = [name for name in options.names if name not in gates]
    if unknown:
        parser.error(f"no such gate: {', '.join(unknown)}; there are: {', '.join(gates)}")
    chosen = [gates[name] for name in options.names] or list(gates.values())
    return run_gates(chosen, Repository(), workers=options.workers)


if __name__ == "__main__":
    sys.exit(main())
