# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages that the lab needs on this machine: installed when missing, left alone when there."""

from __future__ import annotations

import glob
import importlib.util
import tempfile
from collections.abc import Iterable

from . import sources
from .run import LabError, attempt, run, which

# What `make diagram` needs, and every audit that is to show its site.
DRAWING_PROGRAMS = {"graphviz": "dot"}
# package: a program of it. A program that is there counts, wherever it came from.
PROGRAMS = {
    **DRAWING_PROGRAMS,
    "gpg": "gpg",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "nftables": "nft",
    "openssh-client": "ssh",
    "podman": "podman",
    "procps": "sysctl",
    "runc": "runc",
}
# What only the tests need: the report is looked at in a real browser, exports are read by other programs, and one
# gateway is a virtual machine.
TEST_PROGRAMS = {
    "chromium": "chromium",
    "e2fsprogs": "mke2fs",
    "gpg-agent": "gpg-agent",
    # Debian 13's apt does without it.
    "gpgv": "gpgv",
    "npm": "npm",
    "openscap-scanner": "oscap",
    "poppler-utils": "pdftotext",
    "qemu-system-x86": "qemu-system-x86_64",
    "qemu-utils": "qemu-img",
    "qpdf": "qpdf",
}
FILES = {
    "ca-certificates": ("/etc/ssl/certs/ca-certificates.crt",),
    "debian-archive-keyring": ("/usr/share/keyrings/debian-archive-keyring.gpg",),
    # Without it podman takes the older CNI plugins, which know no interface names.
    "netavark": ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark"),
}
# What makes the report a PDF, which only the tests do. Graphviz brings most of it.
TEST_FILES = {
    "fonts-dejavu-core": ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",),
    "libharfbuzz-subset0": ("/usr/lib/*/libharfbuzz-subset.so.0",),
    "libpangoft2-1.0-0": ("/usr/lib/*/libpangoft2-1.0.so.0",),
}
WAY_OUT = "; `make audit-local` audits this machine without any of it."
_INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends")


def missing(*, python_has_venv: bool | None = None, tests: bool = False) -> list[str]:
    """Return the packages that are missing, sorted.

    :param python_has_venv: whether this Python can make virtual environments; None: look.
    :param tests: whether those that only the tests need count too.
    """
    programs = PROGRAMS | (TEST_PROGRAMS if tests else {})
    absent = {package for package, program in programs.items() if which(program) is None}
    files = FILES | (TEST_FILES if tests else {})
    absent |= {package for package, names in files.items() if not any(glob.glob(name) for name in names)}
    if not (importlib.util.find_spec("ensurepip") if python_has_venv is None else python_has_venv):
        absent.add("python3-venv")
    return sorted(absent)


def reachable() -> bool:
    """Tell whether apt can fetch from the first of this machine's Debian mirrors, through its own proxy settings."""
    lines = sources.debian_lines(sources.machine_sources(), sources.host_release(), sources.host_release())
    if not lines:
        return False
    uri, suite = lines[0].split()[1:3]
    with tempfile.TemporaryDirectory(prefix="ringfence-probe-") as folder:
        argv = [
            "/usr/lib/apt/apt-helper",
            "-q",
            "download-file",
            f"{uri}/dists/{suite}/InRelease",
            f"{folder}/InRelease",
        ]
        return attempt(argv, timeout=60).returncode == 0


def install(packages: Iterable[str]) -> None:
    """Install packages with apt.

    :raises LabError: when apt can't, status 3.
    """
    names = sorted(packages)
    env = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "a"}
    prefix = ["env", *(f"{key}={value}" for key, value in env.items())]
    run(
        [*prefix, "apt-get", "update", "-q"],
        "apt could not fetch its package lists; the lab needs Debian's packages" + WAY_OUT,
        root=True,
        status=3,
    )
    done = attempt([*prefix, *_INSTALL, *names], root=True)
    if done.returncode != 0:
        raise LabError(f"apt could not install {', '.join(names)}{WAY_OUT}", done.stdout, status=3)
