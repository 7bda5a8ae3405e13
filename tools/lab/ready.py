# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from a bare machine to one that can start labs: the first steps of the demo and of every test run."""

from __future__ import annotations

from . import controllers, engine, images, mirror, node, packages, paths, preflight, spec, venv
from .engine import Engine
from .progress import Steps, side_by_side
from .run import LabError
from .vm import command

STEPS = 3
# The scenario newsite has its lab from a site model: these are what its machines are made of.
NEW_SITE = ("debian12-minimal", "debian13-minimal", "debian12-infrastructure")
TAMPER = "tamper"
TESTS = paths.ROOT / "molecule" / "default" / "lab.json"


def wanted_images(*, tests: bool, role: str = "") -> list[str]:
    """Return the images to have: the plain ones, and for the tests those of other flavours that their lab names.

    For one role's tests these are those of its own hosts.
    """
    named = set()
    if tests:
        groups = groups_of(role)
        named = {host.image for host in spec.part(spec.load(TESTS), groups).hosts} | set(() if groups else NEW_SITE)
    return [name for name in images.NAMES if name in named or name in images.RELEASES]


def groups_of(role: str) -> list[str]:
    """The groups of the tests' hosts that one role's scenario and its tamper cases need; none means all.

    :raises LabError: when there is neither such a role nor such a scenario.
    """
    if role and not (paths.ROOT / "molecule" / role / "molecule.yml").is_file():
        raise LabError(f"There is no scenario {role} in molecule/.", status=2)
    return [role, TAMPER] if (paths.ROOT / "roles" / role).is_dir() and role else []


def ready(steps: Steps, *, tests: bool = False, role: str = "") -> Engine:
    """Check the machine, install what is missing, build images and .venv; returns how containers start here.

    :param steps: shows the progress, STEPS steps of it.
    :param tests: whether what only the tests need is installed too.
    :param role: the one role whose tests are meant: then no virtual machine and no other role's images.
    :raises LabError: when a step fails.
    """
    logs = paths.CACHE / "logs"
    with steps.step("this machine") as step:
        facts = preflight.check(tests=tests)
        step.note = f"{facts.os_title}, {facts.disk_free / 1e9:.0f} GB free"
    with steps.step("container engine and tools") as step:
        if facts.missing:
            packages.install(facts.missing)
        step.note = "installed " + ", ".join(facts.missing) if facts.missing else "all there"
        found = engine.find()
    logs.mkdir(parents=True, exist_ok=True)
    image_log, venv_log = logs / "image", logs / "packages.log"
    venv_log.unlink(missing_ok=True)
    everything = tests and not groups_of(role)
    names = wanted_images(tests=tests, role=role)
    watch = [venv_log, *(image_log.with_suffix(f".{name}.log") for name in names)]
    with steps.step("host images and Python packages", watch) as step:
        notes: dict[str, str] = {}

        def build() -> None:
            notes.update(images.ensure(found, names, log=image_log))
            if everything:
                notes.update(mirror.ensure(found))
                made = command.ready(command.RELEASES, log=image_log)
                notes.update({f"virtual machine {release}": what for release, what in made.items()})

        def install() -> None:
            notes["Python packages"] = "installed" if venv.ensure(venv_log) else "there"
            if everything:
                notes["controllers"] = "fetched" if controllers.ensure(venv_log) else "there"
                notes["Node packages"] = "installed" if node.ensure(venv_log) else "there"

        # One waits for the network while the other computes.
        side_by_side(build, install)
        step.note = ", ".join(f"{name} {what}" for name, what in sorted(notes.items()))
    return found
