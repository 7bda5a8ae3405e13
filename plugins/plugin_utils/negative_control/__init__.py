# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The negative control: break a host on purpose, see which checks turn red, repair it.

``cases`` reads the tamper cases, ``marks`` says which hosts may be broken, ``held`` which roles repair them,
``applying`` which cases have a meaning on a host, ``rounds`` which are broken together, ``judging`` what a round
showed, ``record`` what is kept of it.
"""
