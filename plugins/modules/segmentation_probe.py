#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's part in a segmentation test: module_utils/segmentation_*."""

from __future__ import annotations

DOCUMENTATION = r"""
module: segmentation_probe
short_description: A host's part in a segmentation test
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - One call does one phase of a segmentation test on one host. M(ringfence.callcenter.segmentation_test) plans what
    each host does, and judges what all of them saw; the playbook C(segmentation_test)
    puts the phases in order.
  - Packets go to the listed addresses and to nobody else. Nothing listens on a port, and no answer is made up.
  - Needs root, for packet sockets; on a gateway also nftables, and network namespaces where it stands for a machine of
    a segment.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: none
    details: In check mode it is skipped, for a packet that is not sent proves nothing.
  diff_mode:
    support: none
    details: It leaves a host as it was.
  idempotent:
    support: none
    details: Every test is a new one.
options:
  phase:
    description:
      - V(watch) leaves a process behind that notes where it sees the run's probes, until V(collect) or O(seconds) end
        it.
      - V(open) opens the way of the negative control in the gateway's table C(inet ringfence). A timer on the gateway,
        armed before, closes it after O(seconds). V(close) closes it now.
      - V(probe) sends O(probes) and tells how they were answered.
      - V(collect) ends the watch and tells what it saw.
    type: str
    required: true
    choices: [watch, open, probe, close, collect]
  run:
    description: The run's name.
    type: str
    required: true
  nonce:
    description:
      - The number by which probes are known, for V(watch) and V(probe). Its lowest bit tells the negative control from
        the test.
    type: int
    default: 0
  seconds:
    description: After how many seconds the watch, or the open way, ends by itself.
    type: int
    default: 300
  rate:
    description: How many packets a second are sent at most, by each of O(probes).
    type: int
    default: 400
  time_limit:
    description: After how many seconds nothing more is sent. What was not sent is reported.
    type: int
    default: 300
  probes:
    description: What to try from where, for V(probe).
    type: list
    elements: dict
    default: []
    suboptions:
      place:
        description: The segment from which is tried.
        type: str
        required: true
      sources:
        description: The addresses from which is tried, one of each IP version.
        type: list
        elements: str
        required: true
      namespace:
        description: Whether to try from a throw-away network namespace, which gets these addresses.
        type: bool
        default: false
      targets:
        description: What is tried.
        type: list
        elements: dict
        required: true
        suboptions:
          address:
            description: The target.
            type: str
            required: true
          way:
            description: Whether packets leave through the host's own firewall (V(host)), or past it (V(wire)).
            type: str
            choices: [wire, host]
            required: true
          tcp:
            description: TCP ports.
            type: list
            elements: int
            default: []
          udp:
            description: UDP ports.
            type: list
            elements: int
            default: []
          echo:
            description: Whether to send an echo request.
            type: bool
            default: false
  ends:
    description: The source and target addresses between which V(open) opens a way.
    type: list
    elements: dict
    default: []
    suboptions:
      source:
        description: Who may send.
        type: str
        required: true
      target:
        description: To whom.
        type: str
        required: true
  port:
    description: The TCP and UDP port that V(open) opens.
    type: int
    default: 0
seealso:
  - module: ringfence.callcenter.segmentation_test
"""

EXAMPLES = r"""
- name: Watch for probes
  ringfence.callcenter.segmentation_probe:
    phase: watch
    run: 20261126T110000Z
    nonce: 305419896

- name: Try the database's ports from here
  ringfence.callcenter.segmentation_probe:
    phase: probe
    run: 20261126T110000Z
    nonce: 305419897
    probes:
      - place: acme
        sources: [10.60.10.11]
        targets:
          - {address: 10.60.40.10, way: wire, tcp: [22, 3306], udp: [53], echo: true}
          - {address: 10.60.40.10, way: host, tcp: [5432]}

- name: See what arrived
  ringfence.callcenter.segmentation_probe:
    phase: collect
    run: 20261126T110000Z
"""

RETURN = r"""
watched:
  description: Of V(collect), whether the watch ran until now.
  returned: success
  type: bool
seen:
  description:
    - Of V(collect), what was seen, each as where (V(in), V(out) or V(accepted)), phase (0 for the negative control),
      source, target, protocol and a list of ports.
  returned: success
  type: list
  elements: list
  sample: [["in", 1, "10.60.10.11", "10.60.40.10", "tcp", [22, 3306]]]
closed:
  description: Of V(close), how many rules were still there to be removed.
  returned: success
  type: int
probes:
  description: Of V(probe), what became of each of O(probes).
  returned: success
  type: list
  elements: dict
  contains:
    place:
      description: As asked.
      type: str
    sources:
      description: As asked.
      type: list
      elements: str
    error:
      description: Why nothing could be tried. Empty when it could.
      type: str
    answers:
      description: Target, protocol, port and V(open), V(refused) or V(rejected) of every try that was answered.
      type: list
      elements: list
    blocked:
      description: Target, protocol and port of what this host's own firewall kept in.
      type: list
      elements: list
    unsent:
      description: Target, protocol and port of what was never sent, because there was no way or no time.
      type: list
      elements: list
    packets:
      description: How many packets were sent.
      type: int
    seconds:
      description: How long it took.
      type: float
"""

import ipaddress
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_control, segmentation_observer
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_namespace import Namespace
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_prober import (
    ProbeError,
    Prober,
    told,
    tries_of,
)

_TARGET = {
    "address": {"type": "str", "required": True},
    "way": {"type": "str", "choices": ["wire", "host"], "required": True},
    "tcp": {"type": "list", "elements": "int", "default": []},
    "udp": {"type": "list", "elements": "int", "default": []},
    "echo": {"type": "bool", "default": False},
}
_PROBE = {
    "place": {"type": "str", "required": True},
    "sources": {"type": "list", "elements": "str", "required": True},
    "namespace": {"type": "bool", "default": False},
    "targets": {"type": "list", "elements": "dict", "required": True, "options": _TARGET},
}
_END = {"source": {"type": "str", "required": True}, "target": {"type": "str", "required": True}}

ARGUMENT_SPEC: dict[str, Any] = {
    "phase": {"type": "str", "required": True, "choices": ["watch", "open", "probe", "close", "collect"]},
    "run": {"type": "str", "required": True},
    "nonce": {"type": "int", "default": 0},
    "seconds": {"type": "int", "default": 300},
    "rate": {"type": "int", "default": 400},
    "time_limit": {"type": "int", "default": 300},
    "probes": {"type": "list", "elements": "dict", "default": [], "options": _PROBE},
    "ends": {"type": "list", "elements": "dict", "default": [], "options": _END},
    "port": {"type": "int", "default": 0},
}


def problems(params: dict[str, Any]) -> list[str]:
    """What is wrong with the arguments, one sentence each."""
    wrong = []
    targets = [target["address"] for probe in params["probes"] for target in probe["targets"]]
    sources = [source for probe in params["probes"] for source in probe["sources"]]
    for text in (*targets, *sources, *(text for end in params["ends"] for text in end.values())):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            wrong.append(f"{text!r} is no IP address")
            continue
        if address.is_multicast or address.is_unspecified or address.is_loopback or str(address) == "255.255.255.255":
            wrong.append(f"{text} is not the address of one host")
    if not 1 <= params["rate"] <= 10000:
        wrong.append(f"rate: {params['rate']} is out of range; valid: 1 to 10000 packets a second")
    for key in ("seconds", "time_limit"):
        if not 1 <= params[key] <= 86400:
            wrong.append(f"{key}: {params[key]} is out of range; valid: 1 to 86400")
    return wrong


def probe(params: dict[str, Any]) -> list[dict[str, Any]]:
    """Every probe: those of namespaces at the same time, then this host's own."""
    begun: list[tuple[dict[str, Any], Any]] = []
    for number, entry in enumerate(params["probes"]):
        if entry["namespace"]:
            begun.append((entry, _begin(number, entry, params)))
    for entry in params["probes"]:
        if not entry["namespace"]:
            prober = Prober(entry["sources"], params["nonce"], rate=params["rate"])
            begun.append((entry, told(prober.run(tries_of(entry["targets"]), time_limit=params["time_limit"]))))
    answers = []
    for entry, result in begun:
        found = result
        if isinstance(result, Namespace):
            try:
                found = result.result()
            except ProbeError as error:
                found = {"error": str(error)}
        answers.append({"place": entry["place"], "sources": entry["sources"], "error": "", **found})
    return answers


def _begin(number: int, entry: dict[str, Any], params: dict[str, Any]) -> Any:
    tries = dict.fromkeys(tries_of(entry["targets"]), "wire")  # a namespace has no firewall to go past

    def work(hop: Any) -> dict[str, Any]:
        hops = {wanted.target: hop for wanted in tries}
        prober = Prober(entry["sources"], params["nonce"], rate=params["rate"], hops=hops)
        return told(prober.run(tries, time_limit=params["time_limit"]))

    try:
        return Namespace(number, entry["sources"], work, seconds=params["time_limit"] + 30)
    except (ProbeError, OSError) as error:
        return {"error": str(error)}


def act(params: dict[str, Any]) -> dict[str, Any]:
    """One phase. Raises NftError, ProbeError and OSError."""
    phase = params["phase"]
    if phase == "watch":
        segmentation_observer.start(params["run"], params["nonce"], params["seconds"])
        return {}
    if phase == "open":
        segmentation_control.plant(params["ends"], params["port"], params["seconds"])
        return {}
    if phase == "close":
        return {"closed": segmentation_control.remove()}
    if phase == "collect":
        return segmentation_observer.collect(params["run"])
    return {"probes": probe(params)}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="\n".join(wrong))
    try:
        module.exit_json(changed=False, **act(module.params))
    except (NftError, ProbeError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or params_of(module)}: {error.strerror or error}")


def params_of(module: AnsibleModule) -> str:
    """What was being done, for a message."""
    return f"phase {module.params['phase']}"


if __name__ == "__main__":
    main()
