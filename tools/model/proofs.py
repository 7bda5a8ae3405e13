# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a claim is proven on a release: by its parts, each seen there.

A part is shown on a release when at least one test that is marked with it passed there, none of them failed or was
skipped there, and each of them is held by some record: a test that was only just written has shown nothing. A test
that never ran on the release, as one that needs a host of the other, neither shows the part there nor takes it away.

A claim is proven on a release when

- all its parts are shown there, and it has parts;
- of its other tests, too, none failed or was skipped there, and each is held by some record;
- every tamper case of its controls passed there, and there is at least one.

What people attest has no parts. There a release counts, for the register of what they sign, when every test and every
tamper case passed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.model.catalog import ATTESTATION, Claim
from tools.model.markers import MarkedTest
from tools.model.results import Key, Results
from tools.model.tampers import Tamper


@dataclass(frozen=True)
class Proof:
    """What was seen of one claim on one release.

    parts: part -> whether it is shown there. not_passed: what else stands in the way, as ``tamper case ID``.
    """

    parts: dict[str, bool]
    not_passed: list[str]

    @property
    def complete(self) -> bool:
        """Whether the claim is proven there."""
        return all(self.parts.values()) and not self.not_passed


@dataclass(frozen=True)
class Evidence:
    """All that there is about one claim: its tests and the tamper cases of its controls."""

    claim: Claim
    tests: Sequence[MarkedTest]
    cases: Sequence[Tamper]

    @property
    def keys(self) -> list[Key]:
        """Under what the records hold them."""
        return [*(_of_test(test) for test in self.tests), *(_of_case(case) for case in self.cases)]

    def _parts_of(self, test: MarkedTest) -> list[str]:
        return [part for part in self.claim.parts if f"{self.claim.id}.{part}" in test.proofs]

    def on(self, release: str, results: Results) -> Proof:
        """What was seen of it on a release."""
        attested = self.claim.kind == ATTESTATION

        def stands(test: MarkedTest) -> bool:
            """Whether nothing speaks against a test: it is on record and did nothing but pass here, if it ran here."""
            key = _of_test(test)
            if attested or results.ran(key, release):
                return results.passed(key, release)
            return results.ran(key)

        parts = {}
        for part in self.claim.parts:
            marked = [test for test in self.tests if part in self._parts_of(test)]
            here = any(results.passed(_of_test(test), release) for test in marked)
            parts[part] = here and all(stands(test) for test in marked)
        # A test of parts that does not stand has taken these away already.
        others = [test for test in self.tests if not self._parts_of(test)]
        not_passed = [f"test {test.id}" for test in others if not stands(test)]
        if attested and not self.tests:
            not_passed.append("any test")
        if not attested and not self.claim.parts:
            not_passed.append("any part")
        not_passed += [f"tamper case {case.id}" for case in self.cases if not results.passed(_of_case(case), release)]
        if not attested and not self.cases:
            not_passed.append("any tamper case")
        return Proof(parts, not_passed)


def _of_test(test: MarkedTest) -> Key:
    return ("behaviour", test.id)


def _of_case(case: Tamper) -> Key:
    return ("tamper", case.id)
