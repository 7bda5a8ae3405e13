# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's pack: of one sealed bundle what one client may see, as a bundle of its own.

The way of the data, one file a step; docs/client_pack.md has the rules for readers, :mod:`.rules` for the code:

    inventory  what the inventory's variables say of clients, segments and hosts
    parties    which hosts of the bundle are the client's own, which are shared, which must not be there
    words      what names somebody else: words and networks;  matcher: finds them in texts
    withhold   takes them out of values, and counts;  naming: hosts by the name that the client may read
    records, registers, ledger, segmentation, parts: each kind of file
    contents   all of it put together and judged anew
    selfcheck  looks through every byte of what was written
    write      the folder, which is whole or not there

Callers need one name, :func:`.write.make`.
"""

from __future__ import annotations
