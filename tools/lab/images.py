# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host images: Debian 12 and 13 with systemd, built from Debian packages; no image registry is involved."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import paths, recipe, sources
from .engine import Engine, ids
from .run import LabError, as_root, attempt, environment

RELEASES = {"debian12": "bookworm", "debian13": "trixie"}
# Every image there can be: each release plain, and with the packages of each flavour (debian12-browsers).
NAMES = (*RELEASES, *(f"{release}-{flavour}" for flavour in recipe.FLAVOURS for release in RELEASES))
REPOSITORY = "localhost/ringfence-host"
LABEL = "ringfence.recipe"
_NAME_AND_RECIPE = '{{.Repository}}:{{.Tag}} {{index .Labels "' + LABEL + '"}}'
# What of this machine's apt configuration its mirrors may depend on.
_APT_OPTIONS = re.compile(
    r'^(Acquire::(?:https?::(?:Proxy|CaInfo|Verify-Peer)|Check-Valid-Until|Check-Date|Retries))\s+"([^"]+)";$',
    re.MULTILINE,
)


def own_image(name: str) -> str | None:
    """Return the image that the user asks for instead of ours: RINGFENCE_IMAGE_DEBIAN12, …DEBIAN13_BROWSERS."""
    return os.environ.get(f"RINGFENCE_IMAGE_{name.upper().replace('-', '_')}") or None


def reference(name: str) -> str:
    """Return the reference under which podman knows the image of ``debian12``, ``debian13-browsers`` and so on."""
    return own_image(name) or f"{REPOSITORY}:{name}"


def release(name: str) -> str:
    """Return the release of an image: debian12 of ``debian12-browsers``."""
    return name.partition("-")[0]


def _packages(name: str) -> tuple[str, ...]:
    """Return the packages of an image: those of every one, and those of the roles or of its flavour."""
    if is_minimal(name):
        return recipe.MINIMAL
    flavour = recipe.FLAVOURS.get(name.partition("-")[2], recipe.ROLES)
    return (*recipe.CORE, *flavour, *recipe.ONLY_HERE.get(name, ()))


def is_minimal(name: str) -> bool:
    """Tell whether an image is what Debian's installer leaves, with no package of a role."""
    return name.partition("-")[2] == "minimal"


@dataclass(frozen=True)
class Build:
    """One image to build: its name (debian12), the command that writes its tar archive, and the hash of both."""

    name: str
    command: tuple[str, ...]
    digest: str


def apt_options(dump: str) -> list[str]:
    """Return the options of this machine's apt (from ``apt-config dump``) that fetching from its mirrors needs."""
    return [f'{name} "{value}"' for name, value in _APT_OPTIONS.findall(dump)]


def mmdebstrap(
    lines: Sequence[str],
    options: Sequence[str],
    *,
    include: Sequence[str],
    hooks: Sequence[str],
    suite: str,
    target: str,
) -> list[str]:
    """Return the command that makes a small Debian system.

    :param target: the folder to make it in, or - for a tar archive on standard output.
    """
    return [
        "mmdebstrap",
        "--variant=minbase",
        "--mode=root",
        "--quiet",
        *(
            f"--aptopt={option}"
            for option in (*options, 'Acquire::Languages "none"', 'APT::Install-Recommends "false"')
        ),
        *(f"--dpkgopt={option}" for option in recipe.DPKG_OPTIONS),
        "--include=" + ",".join(include),
        *hooks,
        suite,
        target,
        *lines,
    ]


def plan_build(name: str, lines: Sequence[str], options: Sequence[str]) -> Build:
    """Return how an image is built.

    :param lines: apt source lines, first the release itself.
    :param options: apt options as `apt_options` returns them.
    """
    command = mmdebstrap(
        lines,
        options,
        include=_packages(name),
        hooks=["--customize-hook=" + (recipe.CUSTOMIZE_MINIMAL if is_minimal(name) else recipe.CUSTOMIZE)],
        suite=RELEASES[release(name)],
        target="-",
    )
    digest = hashlib.sha256(json.dumps([*recipe.CHANGES, *command]).encode()).hexdigest()[:16]
    return Build(name, tuple(command), digest)


def ensure(engine: Engine, names: Sequence[str], *, rebuild: bool = False, log: Path | None = None) -> dict[str, str]:
    """Make the images that are missing or whose recipe changed, at the same time where there are cores for it.

    :returns: what happened to each: ``built``, ``cached`` or ``yours`` (the user's own image).
    :raises LabError: when one can't be made.
    """
    outcome: dict[str, str] = {}
    builds = []
    present = _digests(engine)
    for name in names:
        mine = own_image(name)
        if mine:
            if engine.attempt("image", "exists", mine).returncode != 0:
                engine.run("pull", "-q", mine, sentence=f"The image {mine} is neither here nor to be had.", timeout=600)
            outcome[name] = "yours"
    missing = [name for name in names if name not in outcome]
    if missing:
        host, found = sources.host_release(), sources.machine_sources()
        options = apt_options(attempt(["apt-config", "dump"]).stdout)
        for name in missing:
            lines = sources.debian_lines(found, RELEASES[release(name)], host)
            if not lines:
                raise LabError(
                    "None of this machine's apt sources is Debian's own, so no host image can be built; give images of "
                    "your own with RINGFENCE_IMAGE_DEBIAN12 and RINGFENCE_IMAGE_DEBIAN13, or use `make audit-local`.",
                    status=3,
                )
            build = plan_build(name, lines, options)
            outcome[name] = "cached" if present.get(reference(name)) == build.digest and not rebuild else "built"
            if outcome[name] == "built":
                builds.append(build)
    _together([lambda build=build: _make(engine, build, log) for build in builds])  # type: ignore[misc]  # bound now
    return outcome


def _digests(engine: Engine) -> dict[str, str]:
    """Return {reference: recipe} of the images that we made."""
    done = engine.attempt("images", "--filter", f"label={LABEL}", "--format", _NAME_AND_RECIPE)
    pairs = (line.split() for line in done.stdout.splitlines()) if done.returncode == 0 else ()
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _make(engine: Engine, build: Build, log: Path | None) -> None:
    """Build one image: mmdebstrap writes the archive into podman import, so that no copy lies on the disk between."""
    log_path = (log or paths.CACHE / "images").with_suffix(f".{build.name}.log")
    log_path.parent.mkdir(parents=True, exist_ok=True)
    name = reference(build.name)
    # A half-written archive may be taken for an image: only what came to its end gets the real name.
    unproven = f"{name}-unproven"
    older = ids(engine, [name])
    sentence = f"The image {build.name} could not be built (all of it in {log_path})."
    with log_path.open("w+", encoding="utf-8") as out:
        changes = [*recipe.CHANGES, f"LABEL {LABEL}={build.digest}"]
        load = engine.argv("import", "-q", *(f"--change={change}" for change in changes), "-", unproven)
        with subprocess.Popen(
            as_root(build.command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, env=environment()
        ) as make:
            done = subprocess.run(
                as_root(load), stdin=make.stdout, stdout=out, stderr=subprocess.STDOUT, env=environment(), check=False
            )
            if make.stdout:
                make.stdout.close()
        if make.returncode != 0 or done.returncode != 0:
            out.seek(0)
            engine.attempt("image", "rm", unproven)
            raise LabError(sentence, out.read())
    engine.run("tag", unproven, name, sentence=sentence)
    engine.run("untag", unproven, unproven, sentence=sentence)
    for image in older.values():
        # Refused, and rightly, while hosts still run on it.
        engine.attempt("image", "rm", image)


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    """Run tasks, at most as many at a time as there are cores; the first failure is raised after all have ended."""
    failures: list[BaseException] = []
    slots = threading.Semaphore(max(1, os.cpu_count() or 1))

    def work(task: Callable[[], None]) -> None:
        with slots:
            try:
                task()
            except BaseException as error:  # handed to the caller below
                failures.append(error)

    threads = [threading.Thread(target=work, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def remove(engine: Engine) -> int:
    """Remove every image that we made, older ones included; returns how many."""
    listed = engine.attempt("images", "--quiet", "--no-trunc", "--filter", f"label={LABEL}")
    found = sorted(set(listed.stdout.split())) if listed.returncode == 0 else []
    for image in found:
        # Without -f, which would take along a container that somebody else started from it.
        engine.run("image", "rm", image, sentence="A host image could not be removed.")
    return len(found)
