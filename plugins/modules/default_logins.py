# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action default_logins, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: default_logins
short_description: Try a vendor's default logins at a managed device
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Tries, from the controller and over the network, the logins that the catalogue of vendor defaults and O(known) have
    for some services of a device. It fails when one of them opens it. The device needs no Python.
  - The device is the host of the task. Nothing outside the inventory is tried.
  - No account gets more than three wrong passwords, and there is a pause between any two, so that none is locked. What
    was left out for that is counted in RV(left_out); RV(unanswered) names services that could not be tried.
  - No password is in a command line, a log or the result.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
    details: It changes nothing, so it does the same in check mode.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
options:
  services:
    description: The services of the device.
    type: list
    elements: dict
    required: true
    suboptions:
      service:
        description:
          - What is spoken there. V(ami) is the manager interface of Asterisk, V(esl) the event socket of FreeSWITCH.
          - V(http_form) fills in the login form of a web page; one that a script makes is unanswered.
          - V(postgresql), V(mysql) and V(mongodb) need the Python package C(psycopg), C(PyMySQL) or C(pymongo) on the
            controller; without it they are unanswered.
        type: str
        choices: [ami, amqp, esl, http_basic, http_form, mongodb, mysql, postgresql, redis, snmp, ssh]
        required: true
      port:
        description: Its port.
        type: int
        required: true
  kinds:
    description: Only the logins of products of these kinds, and O(known). By default those of all products.
    type: list
    elements: str
    choices:
      - access_point
      - bmc
      - camera
      - database
      - firewall
      - message_broker
      - monitoring
      - operating_system
      - pbx
      - phone
      - power
      - printer
      - storage
      - switch
      - web_application
    default: []
  known:
    description: Logins to be tried beside the catalogue, and before it. See M(ringfence.callcenter.account_passwords).
    type: list
    elements: dict
    default: []
  tries:
    description: How many passwords are tried for one account at the most.
    type: int
    choices: [1, 2, 3]
    default: 3
  pause:
    description: Seconds between two tries, 0.2 or more.
    type: float
    default: 1.0
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 5.0
seealso:
  - module: ringfence.callcenter.account_passwords
  - module: ringfence.callcenter.service_passwords
"""

EXAMPLES = r"""
- name: Look for default logins on the phones
  hosts: phones
  gather_facts: false
  tasks:
    - name: Try them
      ringfence.callcenter.default_logins:
        services:
          - {service: http_basic, port: 80}
          - {service: snmp, port: 161}
        kinds: [phone, switch]
"""

RETURN = r"""
opened:
  description: The logins that opened it, by service, port, account and product.
  returned: always
  type: list
  elements: str
  sample: ["http_basic 80: admin (Yealink SIP phones)"]
unanswered:
  description: The services that could not be tried, and why.
  returned: always
  type: list
  elements: str
  sample: ["ssh 22: Connection refused"]
tried:
  description: How many logins were tried.
  returned: always
  type: int
left_out:
  description: How many logins were not tried, so that no account is locked.
  returned: always
  type: int
"""
