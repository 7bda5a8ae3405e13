# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of virtual machines: start them from their saved states, wait for ssh, reboot one, remove them."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from .. import access, mark, paths
from ..access import Door
from ..progress import side_by_side
from ..run import LabError, attempt, run
from ..spec import Host, Interface, Network, Spec, bridge_address
from ..state import write_atomically
from . import image as vm_image
from . import machine, recipe
from .image import Image
from .machine import Machine

#: From power on to ssh on a busy machine without KVM, several times over.
BOOT_SECONDS = 400.0
_MEMORY = "vm.json"
#: Waits until the boot is over, and sets the clock, which stands where it stood when the state was saved.
_SETTLE = "date -u -s @{now} >/dev/null; systemctl is-system-running --wait; cat /proc/sys/kernel/random/boot_id"


class VirtualLab:
    """Virtual machines as a lab of this checkout, one a release.

    :param say: takes one line of progress.
    """

    def __init__(self, name: str, say: Callable[[str], None] | None = None) -> None:
        self.name = name
        self.folder = paths.lab_folder(name)
        self.say = say or (lambda _line: None)

    @property
    def exists(self) -> bool:
        """Whether this lab is one of virtual machines."""
        return (self.folder / _MEMORY).exists()

    def up(self, releases: Sequence[str]) -> bool:
        """Start a guest of each release, unless just these run already; returns whether anything was done.

        :raises LabError: when there is no image, or a guest does not come up.
        """
        images = [vm_image.find(release)[0] for release in releases]
        for image in images:
            if not image.complete:
                raise LabError(
                    f"There is no image of a {image.release} guest: run `python3 -m tools.lab vm image` first."
                )
        running = [guest.image for guest in self._machines().values() if guest.running()]
        if running == images:
            return False
        if (self.folder / "lab.json").exists():
            raise LabError(f"The lab {self.name} is one of containers; give the guests another name.", status=2)
        self.down()
        accelerators = {image: machine.accelerator(image) for image in images}
        saved = {image: saved_state(image, accelerator, self.say) for image, accelerator in accelerators.items()}
        guests = self._make(accelerators)
        side_by_side(*(partial(self._go_on, name, guest, saved[guest.image]) for name, guest in guests.items()))
        return True

    def boot_and_save(self, image: Image, accelerator: str, saved: Path) -> None:
        """Boot a guest for the first time and save its state; the lab is gone afterwards.

        :raises LabError: when the guest does not come up.
        """
        self.down()
        ((name, guest),) = self._make({image: accelerator}).items()
        argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(image.disk), "-F", "raw", str(guest.disk)]
        try:
            run(argv, "The virtual machine's disk could not be made.")
            guest.start(saved=False)
            self._settle(name, BOOT_SECONDS)
            access.hang_up(self.name, name)
            guest.save()
            guest.stop()
            guest.disk.rename(saved)
        finally:
            self.down()

    def restart(self, name: str) -> None:
        """Reboot a guest from inside, as an administrator would, and wait until it is up again.

        :raises LabError: when there is no such host or it does not come back.
        """
        known = self._machines()
        if name not in known:
            raise LabError(f"The lab {self.name} has no host {name} (it has: {', '.join(known)}).")
        before = self._settle(name, 60)
        self._ssh(name, "systemctl reboot", timeout=30)
        access.hang_up(self.name, name)
        end = time.monotonic() + BOOT_SECONDS
        while self._settle(name, max(1.0, end - time.monotonic())) == before:
            access.hang_up(self.name, name)
            time.sleep(1)

    def down(self) -> bool:
        """End the guests and remove all of the lab; returns whether there was anything."""
        if not self.folder.exists():
            return False
        for name, guest in self._machines().items():
            access.hang_up(self.name, name)
            guest.stop()
        shutil.rmtree(paths.control_folder(self.name), ignore_errors=True)
        shutil.rmtree(self.folder)
        return True

    def states(self) -> dict[str, str]:
        """Return each host with running or exited, in podman's words."""
        return {name: "running" if guest.running() else "exited" for name, guest in self._machines().items()}

    def _machines(self) -> dict[str, Machine]:
        """Return the guests by the names of their hosts, as they were remembered; none where nothing is."""
        try:
            found = json.loads((self.folder / _MEMORY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: self._machine(name, **told) for name, told in found.items()}

    def _machine(self, name: str, *, image: str, accelerator: str, port: int) -> Machine:
        control = paths.control_folder(self.name) / f"qmp-{name}"
        return Machine(Image(Path(image)), accelerator, self.folder / name, control, port)

    def _make(self, accelerators: Mapping[Image, str]) -> dict[str, Machine]:
        """Write all by which the guests of some images are reached, and what is remembered of them."""
        ports = _free_ports(len(accelerators))
        doors, memory = {}, dict[str, dict[str, Any]]()
        for (image, accelerator), port in zip(accelerators.items(), ports):
            name = recipe.host(image.release)
            folder = self.folder / name
            folder.mkdir(parents=True, exist_ok=True)
            doors[name] = Door(port, Path(shutil.copy2(image.key, folder)))
            memory[name] = {"image": str(image.folder), "accelerator": accelerator, "port": port}
        spec = specification(self.name, [image.release for image in accelerators])
        access.write(spec, {recipe.host(image.release): image.host_keys() for image in accelerators}, doors)
        write_atomically(self.folder / "spec.json", spec.as_json())
        write_atomically(self.folder / _MEMORY, json.dumps(memory, indent=2) + "\n")
        return self._machines()

    def _go_on(self, name: str, guest: Machine, saved: Path) -> None:
        """Start a guest from a saved state and wait for it.

        :raises LabError: when it does not come up.
        """
        shutil.copyfile(saved, guest.disk)
        self.say(f"virtual machine {name}: {guest.image.release}, {guest.accelerator}, from its saved state")
        guest.start(saved=True)
        self._settle(name, BOOT_SECONDS)
        if self._ssh(name, mark.WRITE, timeout=60).returncode != 0:
            raise LabError(f"The virtual machine {name} could not be marked as one that may be broken on purpose.")

    def _settle(self, name: str, seconds: float) -> str:
        """Wait until a guest has booted; returns the id of its boot.

        :raises LabError: when it takes too long.
        """
        end = time.monotonic() + seconds
        # A connection begun before the guest listens is found out late: short tries first, then longer ones.
        patience = 10
        while True:
            command, left = _SETTLE.format(now=int(time.time())), max(5.0, end - time.monotonic())
            done = self._ssh(name, command, timeout=left, connect=patience)
            patience = min(90, 2 * patience)
            lines = done.stdout.split()
            if done.returncode == 0 and len(lines) == 2:
                if lines[0] != "running":
                    self.say(f"virtual machine {name} runs, but not all of it: systemd says {lines[0]}")
                return lines[1]
            if time.monotonic() > end:
                console = self._machines()[name].console
                text = console.read_text(encoding="utf-8", errors="replace") if console.exists() else ""
                raise LabError(
                    f"The virtual machine {name} did not answer over ssh in {seconds:.0f} s.", text + done.stdout
                )
            access.hang_up(self.name, name)
            time.sleep(1)

    def _ssh(self, name: str, command: str, *, timeout: float, connect: int = 90) -> subprocess.CompletedProcess[str]:
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), "-o", f"ConnectTimeout={connect}", name, command]
        return attempt(argv, timeout=timeout)


def specification(lab: str, releases: Sequence[str]) -> Spec:
    """Return the lab's specification in the words of the container labs, for tests to read."""
    bridge = tuple(bridge_address(subnet) for subnet in recipe.SUBNETS)
    network = Network(recipe.NETWORK, recipe.SUBNETS, bridge)
    hosts = (
        Host(
            recipe.host(release),
            release,
            (Interface(recipe.NETWORK, recipe.addresses(release)),),
            groups=(lab, "kind_gateway"),
        )
        for release in releases
    )
    return Spec(lab, (network,), tuple(hosts))


def saved_state(image: Image, accelerator: str, say: Callable[[str], None]) -> Path:
    """Return the disk with the saved state of a booted guest; boots one where there is none yet.

    :raises LabError: when the guest does not come up.
    """
    saved = image.folder / f"{machine.state_name(image, accelerator)}.qcow2"
    if saved.exists():
        return saved
    say(f"virtual machine {recipe.host(image.release)}: first boot ({accelerator})")
    # A lab of its own, so that its guest is reached, waited for and removed like any other.
    VirtualLab(f"saving-{image.folder.name}", say).boot_and_save(image, accelerator, saved)
    for older in image.folder.glob(f"{accelerator}-*.qcow2"):
        if older != saved:
            older.unlink()
    return saved


def labs() -> list[VirtualLab]:
    """Return the labs of this checkout that are virtual machines."""
    found = [VirtualLab(path.parent.name) for path in sorted(paths.CACHE.glob(f"*/{_MEMORY}"))]
    return [lab for lab in found if lab.exists]


def _free_ports(count: int) -> list[int]:
    """Return different ports of this machine that nobody listens on."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _number in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
