# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``squid_settings``: single directives of squid.conf.

Parameters: ``path``; ``keys``: names of directives. Observes each key with a list of what its lines say, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._squid import directives
from .base import Host, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the directives."""
    path = str(params["path"])
    text = host.read(path)
    if text is None:
        raise NotObservable(f"there is no {path}")
    value: dict[str, Any] = {str(key): [] for key in params["keys"]}
    for name, words in directives(text):
        if name in value:
            value[name].append(" ".join(words))
    return Observation(value, path)
