# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""podman on this machine: which runtime starts containers here, found by starting one and then remembered."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import state
from .run import LabError, attempt, run, which

# runc first: crun refuses a machine whose cgroups are hybrid, and runc starts on all that we have seen.
_CANDIDATES = (
    ("--runtime=runc",),
    ("--runtime=runc", "--cgroup-manager=cgroupfs"),
    ("--runtime=crun",),
    ("--runtime=crun", "--cgroup-manager=cgroupfs"),
)
PROBE_TIMEOUT = 60.0


@dataclass(frozen=True)
class Engine:
    """How podman is called here.

    :param options: podman's global options, e.g. ("--runtime=runc",).
    """

    options: tuple[str, ...]

    def argv(self, *args: str) -> list[str]:
        """Return podman's command line."""
        return ["podman", *self.options, *args]

    def run(self, *args: str, sentence: str, stdin: str = "", timeout: float | None = 120.0) -> str:
        """Run podman as root and return its output.

        :raises LabError: when it fails.
        """
        return run(self.argv(*args), sentence, root=True, stdin=stdin, timeout=timeout)

    def attempt(self, *args: str, stdin: str = "", timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run podman as root and return what came of it."""
        return attempt(self.argv(*args), root=True, stdin=stdin, timeout=timeout)


def boot_options() -> list[str]:
    """Return the options under which systemd boots in a container: no more privileges than it and the roles need."""
    options = [
        "--systemd=always",
        "--cap-add=NET_ADMIN,NET_RAW,SYS_ADMIN,AUDIT_WRITE",
        *limits(),
        "--tmpfs=/run",
        "--tmpfs=/tmp",
    ]
    if _reads("/sys/module/apparmor/parameters/enabled").startswith("Y"):
        # podman's profile denies the mounts of systemd's sandboxed services.
        options.append("--security-opt=apparmor=unconfined")
    return options


def limits() -> list[str]:
    """Limits that may be set here: without CAP_SYS_RESOURCE podman's own defaults are above them."""
    files, processes = _limit(resource.RLIMIT_NOFILE, 65536), _limit(resource.RLIMIT_NPROC, 10000)
    return [f"--ulimit=nofile={files}", f"--ulimit=nproc={processes}"]


def _limit(what: int, wanted: int) -> str:
    hard = resource.getrlimit(what)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    return f"{value}:{value}"


def _reads(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def find() -> Engine:
    """Return how podman starts containers here: what was found before or, the first time, by starting one.

    :raises LabError: when none starts, with the last words of each attempt.
    """
    key = _machine_key()
    remembered = state.load().get("engine", {})
    if remembered.get("key") == key and isinstance(remembered.get("options"), list):
        return Engine(tuple(remembered["options"]))
    engine = _probe()
    state.update(engine={"key": key, "options": list(engine.options)})
    return engine


def _machine_key() -> str:
    """What the answer depends on: the kernel, the cgroup layout and the programs that are installed."""
    cgroups = "v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1 or hybrid"
    programs = []
    for name in ("podman", "runc", "crun"):
        path = which(name)
        programs.append(f"{name} {int(os.stat(path).st_mtime) if path else '-'}")
    return ", ".join([os.uname().release, f"cgroup {cgroups}", *programs])


def _probe() -> Engine:
    if which("podman") is None:
        raise LabError("podman is not installed: run `python3 -m tools.lab setup` first.")
    privilege = attempt(["true"], root=True)
    if privilege.returncode != 0:
        sentence = "The lab needs root for its containers, and sudo refuses; `make audit-local` needs neither."
        raise LabError(sentence, privilege.stdout, status=3)
    said: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="ringfence-probe-"))
    try:
        folder.chmod(0o755)
        _smallest_root(folder)
        for options in _CANDIDATES:
            if which(options[0].partition("=")[2]) is None:
                continue
            args = ("run", "--rm", "--network=none", *limits(), "--rootfs", str(folder), "/bin/true")
            done = Engine(options).attempt(*args, timeout=PROBE_TIMEOUT)
            if done.returncode == 0:
                return Engine(options)
            last = [line for line in done.stdout.splitlines() if line.strip()][-2:]
            said.append(f"podman {' '.join(options)}: " + " ".join(last))
    finally:
        attempt(["rm", "-rf", str(folder)], root=True)
    raise LabError(
        "Containers cannot be started on this machine; where its kernel or sandbox forbids them, "
        "`make audit-local` audits this machine itself without any.",
        "\n".join(said),
        status=3,
    )


def _smallest_root(folder: Path) -> None:
    """Lay out a root folder in which /bin/true starts: the program and its libraries, copied from this machine."""
    program = which("true") or "/bin/true"
    listed = run(["ldd", program], "The libraries of /bin/true could not be listed.")
    for name in ("bin", "dev", "etc", "proc", "run", "sys", "tmp", "var"):
        (folder / name).mkdir(mode=0o755)
    shutil.copy(program, folder / "bin" / "true")
    for library in libraries(listed):
        target = folder / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


def libraries(listed: str) -> list[str]:
    """Return the paths of the libraries in ldd's output."""
    return re.findall(r"(?:^|\s)(/\S+)\s+\(0x", listed)


def ids(engine: Engine, references: Sequence[str]) -> dict[str, str]:
    """Return the image id behind each reference that exists."""
    done = engine.attempt("image", "inspect", "--format", "{{.Id}} {{.RepoTags}}", *references)
    found = {}
    if done.returncode == 0 and len(done.stdout.splitlines()) == len(references):
        return {name: line.split()[0] for name, line in zip(references, done.stdout.splitlines())}
    for name in references:
        one = engine.attempt("image", "inspect", "--format", "{{.Id}}", name)
        if one.returncode == 0:
            found[name] = one.stdout.split()[0]
    return found
