# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed policies of browsers: from what a site wants to each browser's own keys and URL patterns.

    sites      an allowed site as people write it -> its parts -> each browser's pattern
    keys       which policy keys each browser knows, with types and versions (keys.yml)
    policies   the settings of the role -> {control: {browser: {key: value}}}, checked against the keys

Standard library and PyYAML only.
"""

from __future__ import annotations
