# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The periodicity ledger: what must recur, when it took place, what was missed, what is due next.

``periods`` knows intervals, ``sources`` collects occurrences from bundles, records and attestations, ``book`` puts
them together. The activities are data: catalog/periodicity.yml.
"""
