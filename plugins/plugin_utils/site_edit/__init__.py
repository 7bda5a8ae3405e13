# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes a site model's file the way a careful person would: only the lines that must change.

splice       text and one change -> text; comments, order and style of everything else stay as they are
draft        a file and many changes, each checked to do to the data what it was meant to do
allocation   the next free VLAN and subnets
onboard      adds a client;  offboard: removes one, and says what is kept and what must be erased
certificate  the record of an offboarding, for machines and for people
files        whole or not at all on disk
"""

from __future__ import annotations
