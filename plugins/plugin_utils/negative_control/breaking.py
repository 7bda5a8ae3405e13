# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All cases of a round in one command on the host, and what it said of each: round trips decide what a run takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# Gets an id and a command by turns. Nothing that a command starts can keep it waiting, as it has no pipe of ours.
_SCRIPT = """\
said=$(mktemp) || exit 1
while [ $# -gt 0 ]; do
  /bin/sh -ec "$2" < /dev/null > /dev/null 2> "$said"
  printf '%s\\t%s\\t%s\\n' "$1" "$?" "$(head -c 400 "$said" | tr '\\n\\t' '  ')"
  shift 2
done
rm -f "$said"
"""


def argv(cases: Iterable[Mapping[str, Any]]) -> list[str]:
    """The command that breaks all of these cases, one after the other, each whatever became of the others."""
    return ["/bin/sh", "-c", _SCRIPT, "prove", *(text for case in cases for text in (case["id"], case["command"]))]


def told(output: str) -> dict[str, dict[str, Any]]:
    """How each case's command ended, by its id: ``rc`` and ``stderr``. What is no line of ours tells nothing."""
    found = {}
    for line in output.splitlines():
        parts = line.split("\t", 2)
        if len(parts) == 3 and parts[1].isdigit():
            found[parts[0]] = {"rc": int(parts[1]), "stderr": parts[2].strip()}
    return found
