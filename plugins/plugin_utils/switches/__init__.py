# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of switches from the site model.

What VLANs there are and what every port carries is rendered by the vendors' own resource modules (``requests`` says
what they are asked). What those have no attribute for, port security first of all, are a few lines a platform
(``ios``, ``eos``, ``junos``), which also put the two together into one text a switch. ``junos_xml`` turns the XML that
the modules for Junos render into the set commands that people read.
"""

from __future__ import annotations
