# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listings made comparable: what does not matter disappears, what matters stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _nft,
    nft_chain,
    nft_declared,
    nft_ruleset_file,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

CHAIN = {
    "family": "inet",
    "table": "t",
    "name": "input",
    "type": "filter",
    "hook": "input",
    "prio": 0,
    "policy": "drop",
}


def rule(comment: str, *expr: Any, **more: Any) -> dict[str, Any]:
    """One rule of a listing."""
    return {"rule": {"family": "inet", "table": "t", "chain": "input", "comment": comment, "expr": list(expr), **more}}


def listing(*items: dict[str, Any], **chain: Any) -> str:
    """A listing of a table with one chain."""
    head = [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "t", "handle": 9}}]
    return json.dumps({"nftables": [*head, {"chain": {**CHAIN, "handle": 1, **chain}}, *items]})


def counter(packets: int) -> dict[str, Any]:
    """A counter that has counted."""
    return {"counter": {"packets": packets, "bytes": packets * 60}}


def ports(*numbers: int) -> dict[str, Any]:
    """A match of an anonymous set."""
    return {"match": {"op": "==", "left": "dport", "right": {"set": list(numbers)}}}


def test_handles_counts_and_order_of_sets_do_not_matter() -> None:
    """They change without anybody changing the rules."""
    one = listing(rule("a", ports(1, 2), counter(0), handle=4))
    other = listing(rule("a", ports(2, 1), counter(7), handle=8), handle=3)
    assert _nft.canonical(one) == _nft.canonical(other)


@pytest.mark.parametrize(
    "other",
    [
        listing(rule("b", ports(9)), rule("a", ports(1))),
        listing(rule("a", ports(1))),
        listing(rule("a", ports(1)), rule("b", ports(9)), rule("b", ports(9))),
        listing(rule("a", ports(1)), rule("b", ports(8))),
        listing(rule("a", ports(1)), rule("b", ports(9)), prio=-1),
        listing(rule("a", ports(1)), rule("b", ports(9)), {"chain": {**CHAIN, "name": "early"}}),
    ],
)
def test_what_rules_mean_matters(other: str) -> None:
    """Order, number and content of rules, hooks and further chains."""
    one = listing(rule("a", ports(1)), rule("b", ports(9)))
    assert _nft.canonical(one) != _nft.canonical(other)
    assert not _nft.compared(one, other)["match"]


def test_policies_are_left_to_who_looks_at_them() -> None:
    """The comparison of rules does not see them, the guarded load does."""
    one, other = listing(), listing(policy="accept")
    assert _nft.compared(one, other)["match"]
    assert _nft.canonical(one) != _nft.canonical(other)


def test_differences_are_named() -> None:
    """By chain and comment, or by what a rule without one does."""
    extra = rule("", {"accept": None})
    del extra["rule"]["comment"]
    found = _nft.compared(listing(rule("a"), extra), listing(rule("a"), rule("web")))
    assert found == {"match": False, "unexpected": ["input: accept"], "missing": ["input: web"]}


class FakeHost(Host):
    """Answers nft and the scratch listing with what it was given."""

    is_root = True  # type: ignore[assignment]  # a double

    def __init__(self, running: Completed, scratch: Completed | None = None, text: str | None = None) -> None:
        super().__init__()
        self.answers = {"nft": running, "unshare": scratch}
        self.text = text

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        answer = self.answers[argv[0]]
        assert answer
        return answer

    def read(self, path: str) -> str | None:
        del path
        return self.text


NO_TABLE = Completed(1, "", "Error: No such file or directory\nlist table inet t\n")
WHERE = {"family": "inet", "table": "t", "chain": "input"}


def test_chain_of_the_kernel() -> None:
    """Type, hook, priority and policy; or that there is none."""
    seen = nft_chain.observe(FakeHost(Completed(0, listing(policy="accept"), "")), WHERE)
    assert seen.value == {"exists": True, "type": "filter", "hook": "input", "priority": 0, "policy": "accept"}
    assert nft_chain.observe(FakeHost(NO_TABLE), WHERE).value == {"exists": False}
    other = nft_chain.observe(FakeHost(Completed(0, listing(), "")), {**WHERE, "chain": "none"})
    assert other.value == {"exists": False}


def test_chain_of_a_file() -> None:
    """What the file would make; a missing file makes nothing."""
    params = {**WHERE, "path": "/etc/x.nft"}
    assert nft_chain.observe(FakeHost(NO_TABLE, Completed(0, listing(), ""), "text"), params).value["policy"] == "drop"
    assert nft_chain.observe(FakeHost(NO_TABLE), params).value == {"exists": False}


def test_what_cannot_be_looked_at_is_no_pass() -> None:
    """A host without namespaces, and an nft that fails: not observed. A file that does not load: an error."""
    params = {**WHERE, "path": "/etc/x.nft"}
    refused = Completed(1, "", "unshare: unshare failed: Operation not permitted")
    with pytest.raises(NotObservable):
        nft_chain.observe(FakeHost(NO_TABLE, refused, "text"), params)
    with pytest.raises(NotObservable):
        nft_chain.observe(FakeHost(Completed(1, "", "Operation not permitted")), WHERE)
    with pytest.raises(ValueError, match="does not load"):
        nft_chain.observe(FakeHost(NO_TABLE, Completed(1, "", "syntax error"), "text"), params)


def test_declared() -> None:
    """Match, difference, and either side missing."""
    params = {"family": "inet", "table": "t", "path": "/etc/x.nft"}
    good = Completed(0, listing(rule("a")), "")
    assert nft_declared.observe(FakeHost(good, good, "text"), params).value["match"] is True
    extra = Completed(0, listing(rule("a"), rule("door")), "")
    assert nft_declared.observe(FakeHost(extra, good, "text"), params).value["unexpected"] == ["input: door"]
    assert nft_declared.observe(FakeHost(NO_TABLE, good, "text"), params).value["missing"] == ["table inet t"]
    assert nft_declared.observe(FakeHost(good), params).value == {
        "match": False,
        "unexpected": ["table inet t"],
        "missing": [],
    }


def test_the_digest_of_a_file_leaves_policies_out() -> None:
    """A changed policy is another check's business, a changed rule is not."""
    digest = nft_ruleset_file.rules_sha256
    assert digest("hook input; policy drop;\n") == digest("hook input; policy accept;\n")
    assert digest("policy drop;\n") != digest("policy drop; accept\n")
    assert nft_ruleset_file.observe(FakeHost(NO_TABLE), {"path": "/x"}).value == {"exists": False}
    seen = nft_ruleset_file.observe(FakeHost(NO_TABLE, text="a"), {"path": "/x"})
    assert seen.value == {"exists": True, "rules_sha256": digest("a")}
