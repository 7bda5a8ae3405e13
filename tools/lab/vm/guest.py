# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab of one virtual machine: start it from its saved state, wait for ssh, reboot it, remove it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import access, mark, paths
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
    """One virtual machine as a lab of this checkout.

    :param say: takes one line of progress.
    """

    def __init__(self, name: str, say: Callable[[str], None] | None = None) -> None:
        self.name = name
        self.folder = paths.lab_folder(name)
        self.say = say or (lambda _line: None)

    @property
    def exists(self) -> bool:
        """Whether this lab is a virtual machine."""
        return (self.folder / _MEMORY).exists()

    def up(self, release: str) -> bool:
        """Start the guest, unless it runs already; returns whether anything was done.

        :raises LabError: when there is no image, or the guest does not come up.
        """
        image, _command = vm_image.find(release)
        if not image.complete:
            raise LabError(f"There is no image of a {release} guest: run `python3 -m tools.lab vm image` first.")
        memory = self._memory()
        if memory.get("image") == str(image.folder) and self._machine(memory).running():
            return False
        if (self.folder / "lab.json").exists():
            raise LabError(f"The lab {self.name} is one of containers; give the guest another name.", status=2)
        self.down()
        accelerator = machine.accelerator(image)
        saved = saved_state(image, accelerator, self.say)
        guest = self._make(image, accelerator)
        shutil.copyfile(saved, guest.disk)
        self.say(f"virtual machine {recipe.HOST}: {release}, {accelerator}, from its saved state")
        guest.start(saved=True)
        self._settle(BOOT_SECONDS)
        if self._ssh(mark.WRITE, timeout=60).returncode != 0:
            raise LabError("The virtual machine could not be marked as one that may be broken on purpose.")
        return True

    def boot_and_save(self, image: Image, accelerator: str, saved: Path) -> None:
        """Boot a guest for the first time and save its state; the lab is gone afterwards.

        :raises LabError: when the guest does not come up.
        """
        self.down()
        guest = self._make(image, accelerator)
        argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(image.disk), "-F", "raw", str(guest.disk)]
        try:
            run(argv, "The virtual machine's disk could not be made.")
            guest.start(saved=False)
            self._settle(BOOT_SECONDS)
            access.hang_up(self.name, recipe.HOST)
            guest.save()
            guest.stop()
            guest.disk.rename(saved)
        finally:
            self.down()

    def restart(self, name: str) -> None:
        """Reboot the guest from inside, as an administrator would, and wait until it is up again.

        :raises LabError: when there is no such host or it does not come back.
        """
        if name != recipe.HOST or not self.exists:
            raise LabError(f"The lab {self.name} has no host {name} (it has: {recipe.HOST}).")
        before = self._settle(60)
        self._ssh("systemctl reboot", timeout=30)
        access.hang_up(self.name, name)
        end = time.monotonic() + BOOT_SECONDS
        while self._settle(max(1.0, end - time.monotonic())) == before:
            access.hang_up(self.name, name)
            time.sleep(1)

    def down(self) -> bool:
        """End the guest and remove all of the lab; returns whether there was anything."""
        if not self.folder.exists():
            return False
        access.hang_up(self.name, recipe.HOST)
        if self.exists:
            self._machine(self._memory()).stop()
        shutil.rmtree(paths.control_folder(self.name), ignore_errors=True)
        shutil.rmtree(self.folder)
        return True

    def state(self) -> str:
        """Return running or exited, in podman's words."""
        return "running" if self._machine(self._memory()).running() else "exited"

    def _memory(self) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / _MEMORY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _machine(self, memory: dict[str, Any]) -> Machine:
        sockets = paths.control_folder(self.name)
        image = Image(Path(memory.get("image", "/nonexistent")))
        return Machine(image, memory.get("accelerator", "tcg"), self.folder, sockets / "qmp", memory.get("port", 0))

    def _make(self, image: Image, accelerator: str) -> Machine:
        """Write all by which a guest is reached, and what is remembered of it."""
        port = _free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in (image.key, image.key.with_suffix(".pub")):
            shutil.copy2(path, self.folder)
        spec = specification(self.name, image.release)
        access.write(spec, {recipe.HOST: image.host_keys()}, doors={recipe.HOST: port})
        write_atomically(self.folder / "spec.json", spec.as_json())
        memory = {"image": str(image.folder), "accelerator": accelerator, "port": port}
        write_atomically(self.folder / _MEMORY, json.dumps(memory, indent=2) + "\n")
        return self._machine(memory)

    def _settle(self, seconds: float) -> str:
        """Wait until the guest has booted; returns the id of its boot.

        :raises LabError: when it takes too long.
        """
        end = time.monotonic() + seconds
        # A connection begun before the guest listens is found out late: short tries first, then longer ones.
        patience = 10
        while True:
            command, left = _SETTLE.format(now=int(time.time())), max(5.0, end - time.monotonic())
            done = self._ssh(command, timeout=left, connect=patience)
            patience = min(90, 2 * patience)
            lines = done.stdout.split()
            if done.returncode == 0 and len(lines) == 2:
                if lines[0] != "running":
                    self.say(f"virtual machine {recipe.HOST} runs, but not all of it: systemd says {lines[0]}")
                return lines[1]
            if time.monotonic() > end:
                console = self.folder / "console.log"
                text = console.read_text(encoding="utf-8", errors="replace") if console.exists() else ""
                raise LabError(f"The virtual machine did not answer over ssh in {seconds:.0f} s.", text + done.stdout)
            access.hang_up(self.name, recipe.HOST)
            time.sleep(1)

    def _ssh(self, command: str, *, timeout: float, connect: int = 90) -> subprocess.CompletedProcess[str]:
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), "-o", f"ConnectTimeout={connect}", recipe.HOST, command]
        return attempt(argv, timeout=timeout)


def specification(lab: str, release: str) -> Spec:
    """Return the lab's specification in the words of the container labs, for tests to read."""
    bridge = tuple(bridge_address(subnet) for subnet in recipe.SUBNETS)
    network = Network(recipe.NETWORK, recipe.SUBNETS, bridge)
    host = Host(recipe.HOST, release, (Interface(recipe.NETWORK, recipe.ADDRESSES),), groups=(lab, "kind_gateway"))
    return Spec(lab, (network,), (host,))


def saved_state(image: Image, accelerator: str, say: Callable[[str], None]) -> Path:
    """Return the disk with the saved state of a booted guest; boots one where there is none yet.

    :raises LabError: when the guest does not come up.
    """
    saved = image.folder / f"{machine.state_name(image, accelerator)}.qcow2"
    if saved.exists():
        return saved
    say(f"virtual machine {recipe.HOST}: first boot ({accelerator})")
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


def _free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
