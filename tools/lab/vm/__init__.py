# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's virtual machines: a guest of each release under QEMU, for what containers on one kernel cannot show.

Each has a kernel of its own, so it has 802.1Q, settings of the whole kernel, and a boot like a real machine's. KVM is
used where it works, emulation everywhere else.
"""
