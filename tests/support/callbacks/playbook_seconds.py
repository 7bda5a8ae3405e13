# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes how long each playbook of a Molecule scenario took; see seconds.py."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: playbook_seconds
type: notification
short_description: Notes how long a playbook took, for the tests of this collection
description: Appends a line to the file named by RINGFENCE_SECONDS, and does nothing where none is named.
author: The ringfence.callcenter developers
"""

_SPEC = importlib.util.spec_from_file_location("ringfence_seconds", Path(__file__).parents[1] / "seconds.py")
assert _SPEC is not None
assert _SPEC.loader is not None
seconds = sys.modules.setdefault(_SPEC.name, importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(seconds)


class CallbackModule(CallbackBase):
    """From the start of a playbook to its recap."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "playbook_seconds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        # A playbook that a test runs is in the test's own seconds.
        self._idle = "PYTEST_CURRENT_TEST" in os.environ
        self._watch = seconds.Watch()
        self._name = ""

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Remember its name."""
        self._name = Path(playbook._file_name).stem + (" --check" if context.CLIARGS.get("check") else "")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """It is over."""
        if not self._idle:
            self._watch.note("playbook", os.environ.get("MOLECULE_SCENARIO_NAME", ""), self._name, self._watch.cpu)
