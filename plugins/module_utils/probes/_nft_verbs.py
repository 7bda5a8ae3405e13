# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of the distribution's unit would leave of a table, tried out in a network namespace.

The unit's commands are those that systemd holds now, drop-ins included. Only nft is run, and only there, so that
nothing of this host changes.
"""

from __future__ import annotations

import os

from . import _nft, _nft_listing
from .base import Host, NotObservable

UNIT = "nftables.service"
#: The folder of files that the unit is to load beside the distribution's; its drop-in names it.
FOLDER = "/etc/ringfence/nftables.d/"

_VERBS = {
    "start": ("ExecStartPre", "ExecStart", "ExecStartPost"),
    "reload": ("ExecReload",),
    "stop": ("ExecStop", "ExecStopPost"),
}
# Loads the ruleset, then one command after the other; prints the table that is left at last. A command that fails has
# changed nothing, which this tells by 5: here it may lack an interface, and elsewhere not fail.
_SCRIPT = """
set -f
file=$1 family=$2 table=$3
shift 3
nft -f "$file" || exit 3
failed=
for command; do
  case $command in -*) nft $command ;; *) nft "$command" ;; esac >/dev/null 2>&1 || failed=yes
  left=$(nft -j list table "$family" "$table") || exit 4
done
printf '%s\\n' "$left"
test -z "$failed" || exit 5
"""
_GONE, _FAILED = 4, 5


def commands(host: Host, unit: str = UNIT) -> dict[str, list[str]]:
    """The command lines of each verb as systemd holds them, without quotes; none when there is no such unit."""
    names = [name for group in _VERBS.values() for name in group]
    done = host.run("systemctl", "show", f"--property={','.join(names)}", "--", unit)
    if done.rc != 0:
        raise NotObservable(f"systemctl show {unit}: {done.stderr.strip() or done.rc}")
    found: dict[str, list[str]] = {name: [] for name in names}
    for line in done.stdout.splitlines():
        name, _equals, shown = line.partition("=")
        head, _argv, rest = shown.partition("argv[]=")
        if name in found and head and rest:
            found[name].append(rest.split(" ; ignore_errors=", 1)[0])
    return {verb: [line for name in group for line in found[name]] for verb, group in _VERBS.items()}


def lost_by(host: Host, family: str, table: str, path: str) -> list[str]:
    """The verbs on nftables.service after which the table of a ruleset file is not in force as the file has it.

    Each as ``VERB: why``. Raises NotObservable and ValueError as :func:`._nft_listing.declared`.
    """
    wanted = _nft_listing.declared(host, path, family, table)
    if wanted is None:
        return [f"every verb: {path} holds no table {family} {table}"]
    found = []
    for verb, lines in commands(host).items():
        why = _why(host, (path, family, table), lines, wanted) if lines else ""
        if why:
            found.append(f"{verb}: {why}")
    return found


def _why(host: Host, place: tuple[str, str, str], lines: list[str], wanted: str) -> str:
    given = []
    for line in lines:
        program, _space, rest = line.partition(" ")
        name = os.path.basename(program)
        if name == "systemctl":
            continue
        if name != "nft":
            return f"nobody knows what {program} leaves, it is not nft"
        given.append(rest)
    if not given:
        return ""
    done = host.run("unshare", "--net", "sh", "-c", _SCRIPT, "sh", *place, *given, needs_root=True)
    shown = "; ".join(f"nft {line}" for line in given)
    if done.rc == _GONE:
        return f"{shown} removes the table"
    if done.rc not in (0, _FAILED):
        raise NotObservable(f"{UNIT} cannot be tried out: {done.stderr.strip() or done.rc}")
    if _nft.canonical(done.stdout) != _nft.canonical(wanted):
        return f"{shown} changes the table"
    if done.rc == _FAILED and not all(FOLDER in line for line in given):
        return f"{shown} could not be tried out, and does not load {FOLDER}"
    return ""


def replaced(host: Host, ours: str) -> list[str]:
    """The files of somebody else that say what nftables.service runs, which the drop-in ``ours`` overrides."""
    done = host.run("systemctl", "show", "--property=FragmentPath,DropInPaths", "--", UNIT)
    pairs = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    fragment = pairs.get("FragmentPath", "")
    paths = ([fragment] if fragment.startswith("/etc/") else []) + pairs.get("DropInPaths", "").split()
    marks = tuple(f"{name}=" for name in ("ExecStart", "ExecReload", "ExecStop"))
    folder = os.path.dirname(ours)
    return [
        path
        for path in paths
        if not path.startswith(f"{folder}/zz-ringfence-")
        and any(line.strip().startswith(marks) for line in (host.read(path) or "").splitlines())
    ]
