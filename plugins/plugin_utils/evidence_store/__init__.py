# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of many runs and sites in an SQL database, for history and trends.

The bundles stay the source of truth: everything in a store can be read from them again, and nothing else is in it.
"""
