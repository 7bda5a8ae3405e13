# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tools.lab vm COMMAND``. What goes for every lab (down, list, restart) is said without ``vm``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .. import images
from . import guest, image
from . import machine as qemu
from .recipe import HOST

__all__ = ["HOST", "RELEASE", "arguments", "ready", "run"]

RELEASE = "debian13"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(dest="vm_command", required=True, metavar="COMMAND")
    build = commands.add_parser("image", help="build the guest's image and save a booted state, unless they are there")
    build.add_argument("--rebuild", action="store_true", help="build it even when it is there")
    start = commands.add_parser("up", help="start the guest from its saved state")
    start.add_argument("--lab", required=True, metavar="NAME")
    for command in (build, start):
        command.add_argument("--release", choices=list(images.RELEASES), default=RELEASE)


def ready(
    release: str, *, rebuild: bool = False, log: Path | None = None, say: Callable[[str], None] = lambda _line: None
) -> str:
    """Have an image and a saved state of a release; returns whether the image was ``built`` or ``cached``."""
    made, what = image.ensure(release, rebuild=rebuild, log=log)
    guest.saved_state(made, qemu.accelerator(made), say)
    return what


def run(args: argparse.Namespace) -> None:
    """Do what the command line says."""
    if args.vm_command == "image":
        print(f"virtual machine {args.release} {ready(args.release, rebuild=args.rebuild, say=print)}")
    else:
        print("changed" if guest.VirtualLab(args.lab, print).up(args.release) else "unchanged")
