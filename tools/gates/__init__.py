# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gates of ``make lint``: ``python -m tools.gates [--list] [NAME …]``.

Each file of ``checks/`` is one gate: a name, a function that returns what is wrong, and whether a green run may be
remembered until a file changes. ``runner`` runs them two at a time, the longest first.
"""
