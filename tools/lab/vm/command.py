# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m tools.lab vm COMMAND``. What goes for every lab (down, list, restart) is said without ``vm``."""

from __future__ import annotations

import argparse

from .. import images
from . import guest, image
from . import machine as qemu
from .recipe import HOST

__all__ = ["HOST", "RELEASE", "arguments", "run"]

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


def run(args: argparse.Namespace) -> None:
    """Do what the command line says."""
    if args.vm_command == "image":
        made, what = image.ensure(args.release, rebuild=args.rebuild)
        guest.saved_state(made, qemu.accelerator(made), print)
        print(f"virtual machine {args.release} {what}")
    else:
        print("changed" if guest.VirtualLab(args.lab, print).up(args.release) else "unchanged")
