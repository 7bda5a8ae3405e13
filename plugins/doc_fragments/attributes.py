# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of this collection says about how it runs."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes to be extended with ``ringfence.callcenter.attributes`` and answered with ``support``.

    ``ringfence.callcenter.attributes.full`` besides answers all of them with full support.
    """

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode and tells what would change without changing it.
  diff_mode:
    description: Shows in diff mode what it changed, or would change in check mode.
  idempotent:
    description: Run a second time with the same options and on the same state, it changes nothing.
"""

    FULL = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""
