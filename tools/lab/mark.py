# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark that says of a host: it belongs to a lab, and may be broken on purpose (playbooks/prove.yml).

It is written when a host is started and is in no image, so that no machine made from one of ours carries it. It names
the host, so that a copy under another name does not count.
"""

from __future__ import annotations

PATH = "/etc/ringfence-lab"
#: A line of shell for root on the host itself.
WRITE = (
    f"printf '# This machine may be broken on purpose, by the playbook ringfence.callcenter.prove.\\nhost: %s\\n'"
    f' "$(uname -n)" > {PATH}'
)
