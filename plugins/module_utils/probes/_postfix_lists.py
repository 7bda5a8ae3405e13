# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in Postfix's parameters, such as milters: words, and groups in braces with settings of their own."""

from __future__ import annotations

import re

_ELEMENT = re.compile(r"\{[^{}]*\}|[^\s,]+")


def elements(text: str) -> list[str]:
    """The elements of a list, each with single spaces; a group in braces is one."""
    return [" ".join(found.split()) for found in _ELEMENT.findall(text)]
