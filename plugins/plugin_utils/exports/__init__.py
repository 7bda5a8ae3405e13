# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs import: a bundle's findings in their formats.

Every format is a function of a :class:`sealed_bundle.SealedBundle` that returns its
files as ``{relative path: content}``. None changes the bundle, and each can be made again from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Callable

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import (
    hdf,
    junit,
    oscal_component,
    oscal_results,
    pdf,
    table,
    workbook,
    xccdf,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

Files = dict[str, bytes]

FORMATS: Mapping[str, Callable[[SealedBundle], Files]] = MappingProxyType(
    {
        "csv": table.export,
        "xlsx": workbook.export,
        "junit": junit.export,
        "xccdf": xccdf.export,
        "oscal": lambda sealed: {**oscal_results.export(sealed), **oscal_component.export(sealed)},
        "hdf": hdf.export,
        "pdf": pdf.export,
    }
)
