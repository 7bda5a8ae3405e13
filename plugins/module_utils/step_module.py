# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in AnsibleModule's place where a module of this collection runs as a step, one of many in one Python.

Importing the real one takes longer than most of what the modules do. The controller has checked the arguments by the
module's own specification and filled in its defaults.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn


class Ended(BaseException):
    """A module has come to its end; ``result`` is what it gives. Nothing that catches exceptions is to stop it."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class AnsibleModule:
    """As far as the modules of this collection use it."""

    #: The arguments of the step that runs, and how it runs.
    arguments: ClassVar[Mapping[str, Any]] = {}
    checks_only: ClassVar[bool] = False
    shows_diff: ClassVar[bool] = False

    def __init__(self, argument_spec: Mapping[str, Any], *, supports_check_mode: bool = False) -> None:
        del argument_spec, supports_check_mode
        self.params = dict(self.arguments)
        self.check_mode = self.checks_only
        self._diff = self.shows_diff
        self._warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Have a sentence shown as a warning."""
        self._warnings.append(text)

    def exit_json(self, **result: Any) -> NoReturn:
        """End well."""
        self._end(result)

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """End with a failure, and its reason."""
        self._end({**result, "msg": msg, "failed": True})

    def _end(self, result: dict[str, Any]) -> NoReturn:
        if self._warnings:
            result["warnings"] = [*result.get("warnings", []), *self._warnings]
        raise Ended(result)

    def run_command(self, args: Sequence[str]) -> tuple[int, str, str]:
        """Run a command in the C locale: its exit status, output and errors."""
        done = subprocess.run(
            list(args),
            env=os.environ | {"LANG": "C", "LC_ALL": "C", "LC_MESSAGES": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout, done.stderr
