# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of an inventory that Ansible may render templates in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class TrustedText:
    """Copies values with their text marked as trusted, as in any inventory file.

    Ansible renders templates in trusted text only, and lists other text as unsafe. A model has templates under ``vars``
    at most, everywhere else they are refused. What is shared in the original (the rules of a segment's hosts, most
    texts) is copied once and shared in the copy; the originals must outlive this object.
    """

    def __init__(self, trust: Callable[[str], Any]) -> None:
        """trust: ansible-core's own, which marks a text."""
        self._trust = trust
        self._texts: dict[str, Any] = {}
        self._containers: dict[int, Any] = {}

    def copy(self, value: Any) -> Any:
        """The copy of a value of dicts, lists and scalars."""
        if isinstance(value, str):
            copied = self._texts.get(value)
            if copied is None:
                copied = self._texts[value] = self._trust(value)
            return copied
        if not isinstance(value, (dict, list)):
            return value
        copied = self._containers.get(id(value))
        if copied is None:
            if isinstance(value, dict):
                copied = {key: self.copy(entry) for key, entry in value.items()}
            else:
                copied = [self.copy(entry) for entry in value]
            self._containers[id(value)] = copied
        return copied
