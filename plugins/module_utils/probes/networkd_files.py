# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``networkd_files``: whether systemd-networkd's files of one prefix are as they are meant to be.

Parameters: ``prefix`` and ``files`` (name -> SHA-256 of its text). Observes ``differing`` (missing or with another
text), ``unexpected`` (of that prefix, but not meant to be there) and ``before`` (files and folders of drop-ins that
come before ours or change them), each a sorted list of names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .base import Host, Observation

FOLDERS = ("/etc/systemd/network", "/run/systemd/network")


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at the folders that networkd reads first."""
    prefix, files = str(params["prefix"]), dict(params["files"])
    differing = []
    for name, wanted in files.items():
        text = host.read(f"{FOLDERS[0]}/{name}")
        if text is None or hashlib.sha256(text.encode()).hexdigest() != wanted:
            differing.append(name)
    unexpected, before = [], []
    for folder in FOLDERS:
        for name in host.listdir(folder):
            if name.startswith(prefix):
                if name.endswith(".d"):
                    before.append(name)
                elif name not in files:
                    unexpected.append(name)
            elif name < prefix and name.endswith((".network", ".netdev")):
                before.append(name)
    value = {"differing": sorted(differing), "unexpected": sorted(unexpected), "before": sorted(before)}
    return Observation(value, FOLDERS[0])
