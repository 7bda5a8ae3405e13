# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: containers that stand for the hosts of a site, for the demo and for the tests.

Run as ``python3 -m tools.lab COMMAND`` from the root of the checkout. Standard library only: it runs before anything is
installed.
"""
