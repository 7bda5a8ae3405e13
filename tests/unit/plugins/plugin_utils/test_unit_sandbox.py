# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that confine a service, and the refusal of what would confine it otherwise than somebody thinks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.filter.unit_sandbox import FilterModule, unit_sandbox


def test_what_is_not_named_is_closed() -> None:
    lines = unit_sandbox({}).splitlines()
    assert {"CapabilityBoundingSet=", "RestrictAddressFamilies=none", "SystemCallFilter=@system-service"} <= set(lines)
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes"} <= set(lines)
    assert not any(line.startswith("ReadWritePaths") for line in lines)


def test_what_is_named_is_open() -> None:
    lines = unit_sandbox(
        {
            "capabilities": ["CAP_NET_ADMIN", "CAP_NET_RAW"],
            "families": ["AF_UNIX"],
            "system_calls": ["fanotify_init"],
            "writable": ["-/var/log/x", "/run"],
            "home": "read-only",
            "private_tmp": False,
        }
    ).splitlines()
    assert "CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW" in lines
    assert "RestrictAddressFamilies=AF_UNIX" in lines
    assert "SystemCallFilter=@system-service fanotify_init" in lines
    assert "ReadWritePaths=-/var/log/x /run" in lines
    assert "ProtectHome=read-only" in lines
    assert "PrivateTmp=no" in lines


def test_a_service_that_sees_the_file_system_as_others_do_gets_no_mounts() -> None:
    lines = unit_sandbox({"own_mounts": False}).splitlines()
    mounting = (
        "ProtectSystem",
        "Private",
        "ProtectHome",
        "ReadWritePaths",
        "ProtectKernel",
        "ProtectControl",
        "ProtectProc",
    )
    assert [line for line in lines if line.startswith(mounting)] == []
    assert "NoNewPrivileges=yes" in lines


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ({"capability": []}, ["capability", "capabilities"]),
        ({"capabilities": ["NET_ADMIN"]}, ["NET_ADMIN", "CAP_"]),
        ({"families": ["INET"]}, ["INET", "AF_"]),
        ({"system_calls": ["~@mount"]}, ["~@mount"]),
        ({"writable": ["var/log"]}, ["var/log"]),
        ({"writable": ["/var/log /etc"]}, ["/var/log /etc"]),
        ({"home": True}, ["home", "read-only"]),
        ({"own_mounts": False, "writable": ["/run"]}, ["writable", "own_mounts"]),
    ],
)
def test_needs_that_make_no_sense_are_refused_by_name(needs: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        unit_sandbox(needs)
    assert [word for word in words if word not in str(refused.value)] == []


def test_ansible_finds_the_filter() -> None:
    assert FilterModule().filters() == {"unit_sandbox": unit_sandbox}
