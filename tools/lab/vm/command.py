# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tools.lab vm COMMAND``. What goes for every lab (down, list, restart) is said without ``vm``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from .. import images
from ..progress import side_by_side
from . import guest, image
from . import machine as qemu

__all__ = ["RELEASES", "arguments", "ready", "run"]

#: Of which there are guests.
RELEASES = tuple(images.RELEASES)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(dest="vm_command", required=True, metavar="COMMAND")
    build = commands.add_parser("image", help="build the guests' images and save booted states, unless they are there")
    build.add_argument("--rebuild", action="store_true", help="build them even when they are there")
    start = commands.add_parser("up", help="start a guest of each release from its saved state")
    start.add_argument("--lab", required=True, metavar="NAME")
    for command in (build, start):
        command.add_argument(
            "--release",
            action="append",
            choices=RELEASES,
            help="only of this one, which may be said again; all by default",
        )


def ready(
    releases: Sequence[str],
    *,
    rebuild: bool = False,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, str]:
    """Have an image and a saved state of each release, made at the same time; returns ``built`` or ``cached`` of each.

    :raises LabError: when one can't be made.
    """
    notes: dict[str, str] = {}

    def make(release: str) -> None:
        made, what = image.ensure(release, rebuild=rebuild, log=log)
        guest.saved_state(made, qemu.accelerator(made), say)
        notes[release] = what

    side_by_side(*(partial(make, release) for release in releases))
    return {release: notes[release] for release in releases}


def run(args: argparse.Namespace) -> None:
    """Do what the command line says."""
    releases = tuple(dict.fromkeys(args.release or RELEASES))
    if args.vm_command == "image":
        for release, what in ready(releases, rebuild=args.rebuild, say=print).items():
            print(f"virtual machine {release} {what}")
    else:
        print("changed" if guest.VirtualLab(args.lab, print).up(releases) else "unchanged")
