# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read-only observations of a host, standard library only.

One file a probe: ``probes/NAME.py`` defines ``observe(host, params)`` and returns an
:class:`~.base.Observation`. ``runner`` runs a list of checks, ``expect`` decides their status.
"""
