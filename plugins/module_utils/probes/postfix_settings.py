# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``postfix_settings``: what Postfix's parameters are in effect, and which services have values of their own.

Parameters: ``parameters`` (names), ``words`` (parameter -> words; a service's own value for it counts only with one of
these), ``lists`` (those of the parameters that are observed as the list of their elements, a group in braces being one)
and ``services_exempt`` (services of master.cf, such as ``10025/inet``, that may have values of their own;
default none). Observes each parameter with its value (white space and commas between words as one space),
``overrides``: the sorted ``SERVICE/PARAMETER=VALUE`` of master.cf for these parameters, and ``running``: whether
Postfix runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._postfix_lists import elements
from .base import Host, NotObservable, Observation


def _words(value: str) -> str:
    return " ".join(value.replace(",", " ").split())


def _lines(host: Host, *argv: str) -> list[str]:
    done = host.run(*argv)
    if done.rc != 0:
        raise NotObservable(f"{' '.join(argv)}: {done.stderr.strip() or done.rc}")
    return done.stdout.splitlines()


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask postconf."""
    names = [str(name) for name in params["parameters"]]
    exempt = {str(name) for name in params.get("services_exempt", [])}
    lists = {str(name) for name in params.get("lists", [])}
    words = {str(name): list(listed) for name, listed in dict(params.get("words", {})).items()}
    value: dict[str, Any] = dict.fromkeys(names)
    # -x: references to other parameters are filled in.
    for line in _lines(host, "postconf", "-x", *names):
        name, _equals, text = line.partition("=")
        if name.strip() in value:
            value[name.strip()] = elements(text) if name.strip() in lists else _words(text)
    overrides = []
    for line in _lines(host, "postconf", "-P"):
        where, _equals, text = line.partition("=")
        service, _slash, name = where.strip().rpartition("/")
        counts = name not in words or any(word in _words(text).split() for word in words[name])
        if name in names and service not in exempt and counts:
            overrides.append(f"{service}/{name}={_words(text)}")
    value["overrides"] = sorted(overrides)
    value["running"] = host.run("postfix", "status", needs_root=True).rc == 0
    return Observation(value, "postconf")
