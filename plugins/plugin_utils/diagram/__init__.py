# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a site: its network and its data flows, as SVG.

The way of the data, one file a step:

    map        the inventory's variables -> what is drawn: places, the nodes in them, who talks to whom
    scope      what holds card data and what is connected to it
    network    map -> DOT of the network;  data_flow: map -> DOT of the data flows (dot: quoting and looks)
    graphviz   DOT -> SVG, the one caller of the program ``dot``
    svg        its SVG -> ours: title, description, words for readers of screens, legend and table of flows

Callers need one name, :func:`.picture.render`. Standard library only.
"""

from __future__ import annotations
