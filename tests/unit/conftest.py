# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the unit tests quick: none of them starts a command of Ansible's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True, scope="module")
def no_command_of_ansible() -> Iterator[None]:
    """Fail the test that starts one: it takes seconds, so it belongs into tests/integration.

    Of a module, so that it is there before what the module's tests share, and gone in another folder's tests.
    """
    start = subprocess.Popen.__init__

    def refuse(self: Any, args: Any, *more: Any, **options: Any) -> None:
        words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        program = os.path.basename(os.fsdecode(words[0]))
        if program.startswith("ansible"):
            # No Exception, so that nothing between here and the test takes it for a command that failed.
            pytest.fail(f"a unit test starts {program}: such tests are in tests/integration")
        start(self, args, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", refuse)
        yield
