# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's commands. Exit status: 0 done, 1 failed, 2 wrong call, 3 this machine can't do it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import access, demo, engine, hosts, images, kernel, packages, paths, preflight, prove, ready, site, spec, venv
from .progress import Steps
from .run import LabError, as_root, which
from .vm import command as vm
from .vm import guest as vm_guest


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="everything that `make demo` does")
    commands.add_parser("preflight", help="say whether this machine can run the lab, and if not, what to do")
    every = commands.add_parser("ready", help="all that the demo needs: setup, images and venv")
    every.add_argument("--tests", action="store_true", help="and what the tests need besides")
    every.add_argument("--role", default="", metavar="ROLE", help="with --tests: what this role's tests need, no more")
    commands.add_parser("setup", help="install what is missing and find out how containers start here")
    commands.add_parser("drawing", help="install what is missing for `make diagram`")
    commands.add_parser("venv", help="make .venv with the pinned Python packages")
    build = commands.add_parser("images", help="build the host images that are missing or out of date")
    build.add_argument("--rebuild", action="store_true", help="build them even when they are there")
    build.add_argument("--remove", action="store_true", help="remove the images instead")
    known = ", ".join(images.NAMES)
    build.add_argument("names", nargs="*", metavar="IMAGE", help=f"of {known}; the plain ones by default")
    start = commands.add_parser("up", help="start a lab's hosts, or only what differs")
    start.add_argument("--spec", type=Path, required=True, metavar="FILE.json")
    start.add_argument(
        "--groups", default="", metavar="GROUP[,GROUP…]", help="the hosts of these groups and peers only"
    )
    stop = commands.add_parser("down", help="remove a lab's hosts, networks and keys")
    stop.add_argument("--images", action="store_true", help="and the host images, once no lab is left")
    whose = stop.add_mutually_exclusive_group(required=True)
    whose.add_argument("--spec", type=Path, metavar="FILE.json")
    whose.add_argument("--lab", metavar="NAME")
    whose.add_argument("--all", action="store_true", help="of every lab")
    commands.add_parser("clean", help="remove the labs, the images, .venv and all caches")
    commands.add_parser("list", help="list the labs and their hosts")
    again = commands.add_parser("restart", help="boot a host anew and wait for it")
    again.add_argument("--lab", required=True, metavar="NAME")
    again.add_argument("host", metavar="HOST")
    inside = commands.add_parser("exec", help="run a command as root on a host, past its ssh and its accounts")
    inside.add_argument("--lab", required=True, metavar="NAME")
    inside.add_argument("host", metavar="HOST")
    inside.add_argument(
        "argv", nargs=argparse.REMAINDER, metavar="COMMAND", help="its input is passed on; sh by default"
    )
    model = commands.add_parser("site", help="print the specification of a site model's lab")
    model.add_argument("site", type=Path, metavar="site.yml")
    model.add_argument("--lab", metavar="NAME", help="its name; that of the site's folder by default")
    broken = commands.add_parser("prove", help="break hosts of a lab on purpose, to see each check turn red")
    broken.add_argument("--lab", default=demo.NAME, metavar="NAME", help="the demo by default")
    broken.add_argument("--site", type=Path, metavar="site.yml", help="its site model; that of the demo by default")
    broken.add_argument("hosts", metavar="HOST[,HOST…]")
    vm.arguments(commands.add_parser("vm", help="the virtual machines: their images, and starting them"))
    shown = commands.add_parser("ssh-args", help="print what ANSIBLE_SSH_ARGS has to be for a lab")
    shown.add_argument("--lab", required=True, metavar="NAME")
    return parser


def _setup() -> None:
    preflight.check()
    absent = packages.missing()
    if absent:
        packages.install(absent)
    raised = kernel.ensure()
    options = " ".join(engine.find().options)
    print(f"packages: {'installed ' + ', '.join(absent) if absent else 'all there'}")
    print(f"kernel settings: {'raised ' + ', '.join(raised) if raised else 'as needed'}")
    print(f"containers start with: podman {options}")


def _drawing() -> None:
    absent = [package for package, program in packages.DRAWING_PROGRAMS.items() if which(program) is None]
    if absent:
        packages.install(absent)


def _images(args: argparse.Namespace) -> None:
    unknown = sorted(set(args.names) - set(images.NAMES))
    if unknown:
        raise LabError(f"No such image: {', '.join(unknown)} (there are {', '.join(images.NAMES)}).", status=2)
    if args.remove:
        print(f"images removed: {images.remove(engine.find())}")
        return
    for name, what in images.ensure(engine.find(), args.names or list(images.RELEASES), rebuild=args.rebuild).items():
        print(f"{images.reference(name)} {what}")


def _up(args: argparse.Namespace) -> None:
    wanted = spec.part(spec.load(args.spec), [group for group in args.groups.split(",") if group])
    todo = hosts.Lab(engine.find(), wanted.name, print).up(wanted)
    print("changed" if todo else "unchanged")


def _down(args: argparse.Namespace) -> None:
    for virtual in vm_guest.labs():
        if args.all or args.lab == virtual.name:
            virtual.down()
            print(f"lab {virtual.name}: removed")
            if not args.all:
                return
    if which("podman") is None:
        print("There is no podman here, so there is no lab.")
        return
    found = engine.find()
    names = list(hosts.labs(found)) if args.all else [args.lab or spec.load(args.spec).name]
    for name in names:
        print(f"lab {name}: {'removed' if hosts.Lab(found, name).down() else 'not there'}")
    if not hosts.labs(found):
        for name in kernel.restore():
            print(f"kernel setting {name}: put back")
        if args.images:
            print(f"images removed: {images.remove(found)}")
    elif args.images:
        print("images kept: another lab runs")


def _clean(args: argparse.Namespace) -> None:
    args.all = args.images = True
    _down(args)
    made = (".venv", ".cache", ".ansible", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
    for path in [*(paths.ROOT / name for name in made), *paths.ROOT.glob("ringfence-callcenter-*.tar.gz")]:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        print(f"{path.name}: removed")


def _restart(args: argparse.Namespace) -> None:
    virtual = vm_guest.VirtualLab(args.lab)
    if virtual.exists:
        virtual.restart(args.host)
    else:
        hosts.Lab(engine.find(), args.lab).restart(args.host)


def _exec(args: argparse.Namespace) -> int:
    lab = hosts.Lab(engine.find(), args.lab)
    return subprocess.run(as_root(lab.inside(args.host, *(args.argv or ["sh", "-s"]))), check=False).returncode


def _list() -> None:
    for virtual in vm_guest.labs():
        for name, state in virtual.states().items():
            print(f"{virtual.name}\t{name}\t{state}")
    for lab, members in hosts.labs(engine.find()).items():
        for name, state in members:
            print(f"{lab}\t{name}\t{state}")


def _preflight() -> None:
    facts = preflight.check()
    print(f"This machine can run the lab ({facts.os_title}).")
    print(f"To be installed: {', '.join(facts.missing) or 'nothing'}.")


def _venv() -> None:
    installed = venv.ensure(paths.CACHE / "logs" / "packages.log")
    print(f".venv {'installed' if installed else 'unchanged'}")


def _site(args: argparse.Namespace) -> None:
    sys.stdout.write(site.read(args.site, args.lab or args.site.resolve().parent.name).as_json())


def _run(args: argparse.Namespace) -> int:
    if args.command == "demo":
        return demo.main()
    if args.command == "exec":
        return _exec(args)
    if args.command == "prove":
        return prove.main(args.lab, args.site, args.hosts)
    commands: dict[str, Callable[[], object]] = {
        "clean": lambda: _clean(args),
        "down": lambda: _down(args),
        "drawing": _drawing,
        "images": lambda: _images(args),
        "list": _list,
        "preflight": _preflight,
        "ready": lambda: ready.ready(Steps(ready.STEPS), tests=args.tests, role=args.role),
        "restart": lambda: _restart(args),
        "setup": _setup,
        "site": lambda: _site(args),
        "ssh-args": lambda: print(access.ssh_args(args.lab)),
        "up": lambda: _up(args),
        "venv": _venv,
        "vm": lambda: vm.run(args),
    }
    commands[args.command]()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what goes wrong is said in a sentence on stderr."""
    args = _arguments().parse_args(argv)
    try:
        return _run(args)
    except LabError as error:
        print(f"{error}", file=sys.stderr)
        return error.status
    except PermissionError as error:
        print(f"{error.filename} may not be written by this user; it may belong to another one.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not try to write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
