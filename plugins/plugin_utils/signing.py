# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures by SSH keys, as ``ssh-keygen -Y`` makes and checks them: no key server, no format of our own.

Private keys are named by their path only; their content is read by ssh-keygen and by nobody else. With a public key's
path, ssh-keygen asks the agent.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

#: A signature made for one purpose cannot be shown for the other.
REGISTER_NAMESPACE = "register@ringfence.callcenter"
MANIFEST_NAMESPACE = "manifest@ringfence.callcenter"

_TIMEOUT = 60


class SigningError(Exception):
    """Nothing was signed, or a signature is not good; the text says why."""


def _ssh_keygen(arguments: Sequence[str], data: bytes) -> bytes:
    """Run ssh-keygen over some data without a terminal, so that it never waits for a passphrase."""
    quiet = {
        key: value for key, value in os.environ.items() if key not in ("SSH_ASKPASS", "DISPLAY", "WAYLAND_DISPLAY")
    }
    try:
        done = subprocess.run(
            ["ssh-keygen", *arguments],
            input=data,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            env={**quiet, "LC_ALL": "C"},
            start_new_session=True,
        )
    except FileNotFoundError as problem:
        raise SigningError("ssh-keygen is not installed (Debian: openssh-client)") from problem
    except (OSError, subprocess.SubprocessError) as problem:
        raise SigningError(f"ssh-keygen cannot be run: {problem}") from problem
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise SigningError(said[-1] if said else f"ssh-keygen ended with status {done.returncode}")
    return done.stdout


def sign(data: bytes, key: str, namespace: str) -> bytes:
    """The armoured signature of some data; SigningError when the key cannot be used."""
    path = os.path.expanduser(key)
    if not os.path.isfile(path):
        raise SigningError(f"there is no key {key}")
    try:
        return _ssh_keygen(["-Y", "sign", "-q", "-f", path, "-n", namespace], data)
    except SigningError as problem:
        hint = "; a key with a passphrase must be in the agent, and is then named by its public half"
        raise SigningError(f"the key {key} cannot sign: {problem}{hint}") from problem


def verify(data: bytes, signature_path: str, *, signers: str, identity: str, namespace: str) -> None:
    """Raise SigningError unless the signature is one of ``identity``, by a key that ``signers`` lists for it."""
    _ssh_keygen(["-Y", "verify", "-f", signers, "-I", identity, "-n", namespace, "-s", signature_path], data)


def fingerprint(key: str) -> str:
    """The fingerprint of a key, as SHA256:…; SigningError when the file holds none."""
    path = os.path.expanduser(key)
    if not os.path.isfile(path):
        raise SigningError(f"there is no key {key}")
    words = _ssh_keygen(["-l", "-E", "sha256", "-f", path], b"").decode(errors="replace").split()
    if len(words) < 2 or not words[1].startswith("SHA256:"):
        raise SigningError(f"{key} holds no key")
    return words[1]
