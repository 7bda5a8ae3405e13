# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suites of the scenario ``site``, each a unit: which of its tests they are, and what these need on the hosts.

The scenario starts the demo's hosts and converges the roles that the chosen suites need, or all when the whole demo is
asked for. ``tests/behaviour/site/test_audit.py`` is in every run of it, so it is no suite of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

#: The whole demo with every role, and the whole first days of a new site.
SITE, NEWSITE = "site", "newsite"
FOLDER = "tests/behaviour/site"
#: Nothing passes from host to host, and no host comes to its end, without it.
FIREWALL = "firewall"


@dataclass(frozen=True)
class Suite:
    """What belongs to one.

    tests: the subjects of its files, ``test_SUBJECT.py``. roles: those that its tests need on the hosts. playbooks:
    those that its tests run. cases: the files of tamper cases that its tests use. judges: whether its tests look at
    what is made of findings.
    """

    tests: tuple[str, ...]
    roles: tuple[str, ...]
    playbooks: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    judges: bool = True

    @property
    def files(self) -> list[str]:
        """The files of its tests."""
        return [f"{FOLDER}/test_{subject}.py" for subject in self.tests]


ALWAYS = f"{FOLDER}/test_audit.py"
_NETWORK = (FIREWALL, "client_vlans")
_CASES = "roles/{role}/meta/tamper.yml"
SUITES = {
    "site-flows": Suite(("flows", "discovery", "outside"), _NETWORK, judges=False),
    "site-segmentation": Suite(("segmentation",), _NETWORK, ("segmentation_test",)),
    "site-web_filter": Suite(("web_filter",), (*_NETWORK, "web_filter"), judges=False),
    "site-evidence": Suite(
        ("evidence",),
        (FIREWALL, "password_policy"),
        ("audit", "firewall_review", "segmentation_test", "sign_register"),
        (_CASES.format(role="password_policy"), "tests/tamper/site/evidence.yml"),
    ),
    "site-prove": Suite(
        ("prove",),
        (FIREWALL, "password_policy", "idle_sessions"),
        ("prove",),
        tuple(_CASES.format(role=role) for role in ("firewall", "password_policy", "idle_sessions")),
    ),
}


def unit_of(file: str) -> str:
    """The unit that a test of the scenario belongs to, by its file."""
    return next((name for name, suite in SUITES.items() if file in suite.files), SITE)


def files_of(units: Collection[str]) -> list[str]:
    """The files of tests of a run of the scenario that some units need."""
    return [ALWAYS, *(file for name, suite in SUITES.items() if name in units for file in suite.files)]
