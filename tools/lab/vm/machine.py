# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU: its command line, whether KVM works here, starting and stopping a guest, and saving a state of it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..run import LabError, attempt, environment, run, which
from . import recipe
from .image import Image

PROGRAM = "qemu-system-x86_64"
SAVED = "booted"
#: A kernel that KVM runs has come to its end, for want of a disk, in less than that; a hanging one never does.
PROBE_SECONDS = 15.0
ACCELERATORS = {"kvm": ("-accel", "kvm"), "tcg": ("-accel", "tcg,thread=multi,tb-size=512")}
_KERNEL = (
    "root=/dev/vda rw console=ttyS0 mitigations=off random.trust_cpu=on net.ifnames=0 quiet systemd.show_status=no"
)
_MACS = tuple(f"02:63:00:00:00:0{number}" for number in range(3))


@dataclass(frozen=True)
class Machine:
    """One guest of an image.

    :param accelerator: kvm or tcg.
    :param folder: where its disk, its console's output and the number of its process lie.
    :param socket: where QEMU takes commands.
    :param port: this machine's port that leads to the guest's ssh.
    """

    image: Image
    accelerator: str
    folder: Path
    socket: Path
    port: int

    @property
    def disk(self) -> Path:
        """What the guest has written, and the states saved of it."""
        return self.folder / "disk.qcow2"

    @property
    def console(self) -> Path:
        """What the guest wrote to its console."""
        return self.folder / "console.log"

    def start(self, *, saved: bool) -> None:
        """Start QEMU, which stays in the background.

        :param saved: go on from the saved state instead of booting.
        :raises LabError: when QEMU refuses.
        """
        argv = [*hardware(self.image, self.accelerator), *_wires(self.port, self.image.release)]
        argv += ["-drive", f"file={self.disk},if=virtio,format=qcow2,cache=unsafe"]
        argv += ["-serial", f"file:{self.console}", "-qmp", f"unix:{self.socket},server=on,wait=off"]
        argv += ["-daemonize", "-pidfile", str(self.folder / "pid"), *(("-loadvm", SAVED) if saved else ())]
        self.socket.unlink(missing_ok=True)
        run(argv, "QEMU did not start the virtual machine", timeout=60)

    def running(self) -> bool:
        """Tell whether the process is there and is ours."""
        try:
            pid = int((self.folder / "pid").read_text(encoding="ascii"))
            return os.fsencode(self.disk) in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return False

    def stop(self) -> bool:
        """End QEMU; returns whether it ran.

        :raises LabError: when it does not end.
        """
        if not self.running():
            return False
        self.command("quit")
        end = time.monotonic() + 10
        while self.running():
            if time.monotonic() > end:
                raise LabError(f"QEMU does not end (its process is in {self.folder / 'pid'}).")
            time.sleep(0.1)
        return True

    def save(self) -> None:
        """Save the guest's state as it is now.

        :raises LabError: when QEMU can't.
        """
        said = self.command("human-monitor-command", **{"command-line": f"savevm {SAVED}"})
        if said:
            raise LabError("QEMU could not save the virtual machine's state.", str(said))

    def command(self, name: str, **arguments: Any) -> Any:
        """Give QEMU a command and return its answer; None when QEMU ended with it.

        :raises LabError: when QEMU does not take commands, or not this one.
        """
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(120)
                line.connect(str(self.socket))
                with line.makefile("rw", encoding="utf-8") as talk:
                    talk.readline()
                    for words in ({"execute": "qmp_capabilities"}, {"execute": name, "arguments": arguments}):
                        talk.write(json.dumps(words) + "\n")
                        talk.flush()
                        answer = _answer(talk)
        except OSError as error:
            if name == "quit":
                return None
            raise LabError(f"QEMU takes no commands at {self.socket} ({error}).") from error
        if "error" in answer:
            raise LabError(f"QEMU refused {name}.", json.dumps(answer["error"]))
        return answer.get("return")


def _answer(talk: Any) -> dict[str, Any]:
    """Return the next line that is no event; {} at the end."""
    for text in talk:
        found = json.loads(text)
        if isinstance(found, dict) and "event" not in found:
            return found
    return {}


def hardware(image: Image, accelerator: str) -> list[str]:
    """Return what of QEMU's command line a saved state depends on."""
    argv = [PROGRAM, *ACCELERATORS[accelerator], "-cpu", "max", "-smp", "2", "-m", "1024"]
    argv += ["-nodefaults", "-no-user-config", "-display", "none", "-rtc", "base=utc"]
    argv += ["-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", _KERNEL]
    return argv


def _wires(port: int, release: str) -> list[str]:
    """Return the guest's network: eth0 with this machine at its other end, eth1 and eth2 joined by one cable."""
    subnet, subnet6 = recipe.SUBNETS
    here, here6 = subnet.replace(".0/24", ".254"), subnet6.replace("::/64", "::fffe")
    # restrict: the guest reaches nothing through us, as the container hosts reach nothing through theirs.
    user = f"user,id=n0,restrict=on,net={subnet},host={here},ipv6-net={subnet6},ipv6-host={here6}"
    argv = ["-netdev", f"{user},hostfwd=tcp:127.0.0.1:{port}-{recipe.addresses(release)[0]}:22"]
    argv += ["-netdev", "hubport,id=n1,hubid=1", "-netdev", "hubport,id=n2,hubid=1"]
    # ctrl_vlan: the ports let every tag in, so that it is the guest and not its hardware that decides.
    for number, mac in enumerate(_MACS):
        argv += ["-device", f"virtio-net-pci,netdev=n{number},mac={mac},ctrl_vlan=off,romfile="]
    return argv


def state_name(image: Image, accelerator: str) -> str:
    """Return a name for what a saved state can be loaded into: the same QEMU with the same machine."""
    version = attempt([PROGRAM, "--version"]).stdout
    parts = [*hardware(image, accelerator), *_wires(0, image.release), version]
    if accelerator == "kvm":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        parts += [line for line in lines if line.startswith(("model name", "flags"))][:2]
    return f"{accelerator}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]}"


def accelerator(image: Image) -> str:
    """Return kvm where a kernel runs under it, else tcg; found out once for an image and then remembered.

    :raises LabError: when QEMU is not there.
    """
    if which(PROGRAM) is None:
        raise LabError("The virtual machine needs QEMU: install qemu-system-x86 and qemu-utils.", status=3)
    memory = image.folder / "accelerator"
    if not memory.exists():
        memory.write_text("kvm" if _kvm_works(image) else "tcg", encoding="ascii")
    return memory.read_text(encoding="ascii")


def _kvm_works(image: Image) -> bool:
    """Tell whether a kernel without a disk gets as far as missing it; here and there /dev/kvm opens and guests hang."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    argv = [PROGRAM, *ACCELERATORS["kvm"], "-cpu", "max", "-m", "512", "-nodefaults", "-display", "none", "-no-reboot"]
    argv += ["-kernel", str(image.kernel), "-append", "console=ttyS0 earlyprintk=ttyS0 panic=-1", "-serial", "stdio"]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, env=environment(), check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return b"Kernel panic" in done.stdout
