# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that heals by itself when nobody confirms it: its marker, and the systemd timer that undoes it.

Whoever renames the marker first wins, the timer or the confirmation; the marker lies in /run, so a reboot ends the
affair with what boots in force. Nothing here needs the controller to be alive.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, run
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    DIRECTORY,
    FILE,
    PathState,
    establish,
    observe,
)


class Expired(NftError):
    """The change is not pending any more: the host has restored what was before."""


class Unconfirmed:
    """One subject's change that waits for its confirmation.

    ``state`` and ``runtime`` are its folders, ``unit`` is the timer's name, ``what`` is restored by it. Paths are ours:
    nothing in them that a shell or systemd would expand.
    """

    def __init__(self, state: str, runtime: str, *, unit: str, what: str) -> None:
        self.state = state
        self.runtime = runtime
        self.unit = unit
        self.what = what
        self.pending = os.path.join(runtime, "pending.json")
        self.settled = os.path.join(runtime, "settled.json")

    @property
    def is_pending(self) -> bool:
        """Whether a change waits for its confirmation."""
        return os.path.exists(self.pending)

    def _mark(self) -> str:
        """Leave the marker; the token to confirm with."""
        token = os.urandom(16).hex()
        self._write(self.pending, json.dumps({"token": token}) + "\n")
        return token

    def _arm(self, timeout: int, command: str) -> None:
        """Have the host run a shell command after so many seconds, unless somebody settles the change before."""
        self._disarm()
        done = run(
            [
                "systemd-run",
                "--quiet",
                "--collect",
                f"--unit={self.unit}",
                f"--description=Restore {self.what} in force before an unconfirmed change",
                f"--on-active={timeout}s",
                "--timer-property=AccuracySec=100ms",
                "--",
                "/bin/sh",
                "-c",
                f"mv -T {self.pending} {self.settled} && exec {command}",
            ]
        )
        if done.rc:
            problem = done.stderr.strip() or f"exit status {done.rc}"
            raise NftError(f"the rollback cannot be armed, so the change was not applied: {problem}")

    def _disarm(self) -> None:
        # Only the timer: a rollback that already runs must end.
        run(["systemctl", "stop", f"{self.unit}.timer"])

    def _settle(self, outcome: str) -> bool:
        """End the pending change; False when the timer was faster."""
        try:
            os.rename(self.pending, self.settled)
        except FileNotFoundError:
            return False
        self._write(self.settled, json.dumps({"outcome": outcome}) + "\n")
        self._disarm()
        return True

    def _claim(self, token: str) -> bool:
        """Take the pending change for its confirmation; False when it was confirmed before. Raises Expired."""
        try:
            pending = json.loads(observe(self.pending).content or b"{}")
        except ValueError:
            pending = {}
        if pending.get("token") != token:
            if self._outcome() == f"confirmed {token}":
                return False
            raise Expired(f"the change was not confirmed in time, and the host has restored {self.what} before")
        if not self._settle(f"confirmed {token}"):
            raise Expired(f"the confirmation came as the time ran out, and the host has restored {self.what} before")
        return True

    def _outcome(self) -> str:
        try:
            return str(json.loads(observe(self.settled).content or b"{}").get("outcome"))
        except ValueError:
            return ""

    def _folders(self) -> None:
        for folder in (self.state, self.runtime):
            os.makedirs(os.path.dirname(folder), mode=0o755, exist_ok=True)
            establish(folder, PathState(DIRECTORY, 0o700, 0, 0))

    def _sweep(self, paths: Sequence[str]) -> None:
        """Remove files of ours, and our folders where nothing else is in them."""
        for path in (*paths, self.settled):
            establish(path, PathState(ABSENT))
        for folder in (self.state, os.path.dirname(self.state), self.runtime, os.path.dirname(self.runtime)):
            with contextlib.suppress(OSError):
                # Another subject's folder may live beside ours.
                os.rmdir(folder)

    def _write(self, path: str, text: str) -> None:
        establish(path, PathState(FILE, 0o600, 0, 0, text.encode()))
