# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client may see: the one place that says it. docs/client_pack.md says the same with the reasons."""

from __future__ import annotations

#: What stands where a text named somebody else.
WITHHELD = "[withheld]"
#: What stands where a shared host's address was.
ADDRESS = "[address]"
#: The one row and column that all other clients are folded into.
OTHERS = "other clients"

#: Of a shared host, what its record tells besides its kinds: nothing that tells it from another of its kind.
SHARED_ATTRIBUTES = ("kinds", "class")
#: Of a finding on a shared host, what is told: that the promise holds or does not. All else is empty.
SHARED_FINDING = ("check", "control", "role", "aspect", "status", "observed_at", "exception")
#: Of an own host, the keys of its record that are looked through; the rest is dropped.
OWN_RECORD = ("schema", "host", "observed", "reason", "attributes", "look", "state", "findings")
#: Kinds of host that serve every client of a site, whatever the flows say.
FOR_EVERYBODY = frozenset({"gateway"})

#: Of the site's findings, those that tell nothing of any host. Those about hosts and activities are made anew over what
#: is shown; whatever is not known here is left out.
SITE_KEPT = frozenset({"evidence.chain", "evidence.records"})
#: Those with one check an entry, which are shown with the entry.
SITE_BY_ENTRY = {"evidence.exceptions": "exceptions", "evidence.attestations": "attestations"}

#: What is left out whole, and why; shown to the reader of a pack.
LEFT_OUT = (
    "hosts, segments, users, addresses and web sites of other clients, and how many there are",
    "what was expected and observed on shared hosts, their names and addresses",
    "exceptions that touch hosts of other clients alone, attestations and activities that are about them alone",
    "summaries and hashes of the records that the ledger was read from, as they are about the whole site",
    "firewall rules, rulesets and accounts of shared hosts",
    "who ran the audit, and from where",
    "pictures of the site",
)
