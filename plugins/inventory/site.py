# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin: a site model becomes groups, variables and firewall rules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site
short_description: Inventory of a call centre from its site model
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reads one C(site.yml) that describes a site, its segments, clients, hosts and flows (who may talk to whom, why, and
    who answers for it), and derives groups and variables from it, among them the firewall rules of every host.
  - The file is called C(site.yml), or C(NAME.site.yml) where a company has several sites. It composes with
    C(group_vars) and C(host_vars) beside it, which take precedence as in any inventory.
  - A model with a mistake in it is refused as a whole. All mistakes are reported at once, each with file, line, key and
    the valid values, and Ansible stops with exit status 4 before anything is touched, whatever the configuration says
    about inventories that can't be parsed.
  - Every key is documented in C(docs/site_model.md) of the collection.
notes:
  - >-
    Groups: C(site_NAME) with all hosts of the site, C(kind_KIND), C(segment_NAME) and C(client_NAME). A C(-) in a name
    becomes C(_).
  - >-
    Variables of every host: C(ansible_host), C(ringfence_host) (kinds, segment, class, client, os, addresses,
    interfaces, default_gateway) and C(firewall_flow_rules); of the hosts in a client's segment C(ringfence_client)
    (name, title, segment, sites_allowed, database, recordings, retention, business_hours), and where it has listed
    sites C(ringfence_web_proxy) (addresses, port); of the host that filters for them C(web_filter_clients),
    C(web_filter_port) and C(web_filter_resolvers); of hosts of kind C(database) C(ringfence_databases), of kind
    C(recorder) C(ringfence_recordings); of the site's group C(ringfence_site), C(ringfence_segments),
    C(ringfence_flows), C(ringfence_clients), C(ringfence_published), C(ringfence_remediation_hosts),
    C(ringfence_contacts), C(ringfence_administration), C(ringfence_administration_accounts), C(ringfence_switches),
    C(firewall_administration_ports), C(login_delay_ban_ports), where the model says the ports C(ansible_port), and what
    the model has in O(vars); of group C(all) C(ansible_python_interpreter=/usr/bin/python3). A host with C(ssh_port)
    has these ports of its own.
  - Secrets don't belong into the model but into C(group_vars) or C(host_vars), encrypted with ansible-vault. The file
    may be encrypted as a whole.
  - >-
    A folder may be named as inventory. What stands in its folders C(evidence), C(registers), C(diagrams) and
    C(switches), beside a site model, is no inventory and gives no host.
  - Name this plugin first in C(enable_plugins) of the section C(inventory) of ansible.cfg. Otherwise ansible-core's
    C(auto) plugin reads the file before it. That costs time with very large models, and a file that is no valid YAML is
    then skipped with a warning by C(auto) (no host of it is touched) and never reaches this plugin.
seealso:
  - name: Ansible inventory
    description: How inventories, group_vars and host_vars work together.
    link: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
options:
  plugin:
    description: Marks the file as a site model.
    type: str
    required: true
    choices: [ringfence.callcenter.site]
  site:
    description: The site itself, with the keys C(name) and C(title), and optionally C(contact).
    type: dict
    required: true
  segments:
    description:
      - The VLANs by name.
      - Each has C(vlan), C(subnets) (IPv4 and IPv6) and C(class) (V(client), V(card_data), V(servers), V(management),
        V(voice) or V(guest)), and optionally C(title) and C(gateway).
    type: dict
    required: true
  clients:
    description:
      - The companies the call centre works for, by name.
      - Each has a C(title), a C(segment) of its own, and optionally C(sites_allowed), C(database), C(recordings),
        C(retention) and C(business_hours).
    type: dict
    default: {}
  hosts:
    description:
      - The machines by name.
      - Each has C(kind) (one or a list of V(gateway), V(server), V(database), V(mail), V(log_server),
        V(backup_server), V(workstation), V(directory), V(recorder), V(web), V(proxy), V(mirror),
        V(name_server), V(time_server)), C(segment), C(address) or
        C(address6) or both, C(os) (V(debian12) or V(debian13)), and optionally C(ssh_port), C(without) (what it
        needs no way to), C(class), C(vars) and, for gateways, C(interfaces).
    type: dict
    required: true
  flows:
    description:
      - Who may talk to whom. What no flow names is dropped.
      - Each has a C(name), C(from) and C(to) (a host, a segment, a client, an address outside the site, or a list of
        these, and V(internet) in C(to)), C(protocol) (V(tcp), V(udp), V(icmp), V(icmpv6), V(esp), V(ah) or V(any)),
        C(ports) for tcp and udp, C(reason) and C(owner), and optionally C(change) and C(review_by).
    type: list
    elements: dict
    default: []
  published:
    description:
      - What the internet may reach, one service each. No flow comes from the internet.
      - Each has a C(name), C(host), C(protocol), C(ports) for tcp and udp, C(reason), C(owner) and C(review_by), and
        optionally C(change) and C(mitigation).
    type: list
    elements: dict
    default: []
  remediation_hosts:
    description: Hosts, and addresses outside the site, that a workstation may still reach when it fails its checks.
    type: list
    elements: str
    default: []
  contacts:
    description:
      - Who answers for what.
      - The keys are V(security_officer), V(network_administrators), V(incident_response), V(it_operations),
        V(data_protection) and V(management), each a list of C(name) with C(email) or C(phone) or both.
    type: dict
    default: {}
  administration:
    description:
      - From where administrators and the automation account reach ssh on every host.
      - The keys are C(sources), C(reason) and C(owner), and optionally C(local_sources), C(ports) (those on which sshd
        listens, V(22) unless said otherwise), C(accounts) (those by which people and automation come in and that stay
        usable, each with C(name), C(reason), C(owner) and optionally C(expires)) and C(review_by).
    type: dict
    required: true
  web_filter:
    description:
      - How the role C(web_filter) works here, which filters for every client that has C(sites_allowed).
      - The keys are C(resolvers), hosts or addresses of name servers (without any it asks those of the internet), and
        C(port), that of the proxy.
    type: dict
    default: {}
  switches:
    description:
      - The switches by name, and which of their ports is in which segment. M(ringfence.callcenter.switch_config)
        renders their configuration. They are no hosts of the inventory.
      - Each has a C(platform) (V(ios), V(eos) or V(junos)), the C(address) at which it is managed, C(ports) (by name or
        range, each with one of C(access), C(trunk) and C(unused), and optionally C(macs) and C(title)), and optionally
        C(uplinks), C(parking_vlan) and C(native_vlan).
    type: dict
    default: {}
  vars:
    description: Variables of all the site's hosts.
    type: dict
    default: {}
"""

EXAMPLES = r"""
---
# A small site with one client, in site.yml
plugin: ringfence.callcenter.site
site:
  name: lisbon
  title: Lisbon call centre
segments:
  management:
    vlan: 99
    subnets: [10.60.99.0/24, 'fd60:0:0:99::/64']
    class: management
  acme:
    vlan: 10
    subnets: [10.60.10.0/24, 'fd60:0:0:10::/64']
    class: client
  card-data:
    vlan: 40
    subnets: [10.60.40.0/24, 'fd60:0:0:40::/64']
    class: card_data
clients:
  acme:
    title: Acme Insurance
    segment: acme
hosts:
  gw1:
    kind: gateway
    segment: management
    address: 10.60.99.1
    address6: fd60:0:0:99::1
    interfaces:
      acme: [10.60.10.1, 'fd60:0:0:10::1']
      card-data: [10.60.40.1, 'fd60:0:0:40::1']
    os: debian13
  ws1:
    kind: workstation
    segment: acme
    address: 10.60.10.11
    os: debian12
  db1:
    kind: database
    segment: card-data
    address: 10.60.40.10
    os: debian12
flows:
  - name: agents-to-crm
    from: acme
    to: db1
    protocol: tcp
    ports: [5432]
    reason: Agents work in the customer database
    owner: operations
    review_by: 2027-06-30
administration:
  sources: [management]
  accounts:
    - {name: automation, reason: Ansible comes in by it, owner: it-operations}
  reason: Administration and automation over ssh
  owner: it-operations
  review_by: 2027-06-30
"""

import codecs
import os
import re
from typing import Any, ClassVar, NoReturn

from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.parsing.vault import is_encrypted
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.release import __version__ as ansible_version

try:
    from ansible.template import trust_as_template
except ImportError:  # an older ansible-core, which parse() names
    trust_as_template = None

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import run_request
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_folder import (
    FILE_NAME,
    forget_outputs,
    is_output,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import numbers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory, inventory_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import (
    Problem,
    SiteModelError,
    warning_report,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.schema import PLUGIN
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.trusted_text import TrustedText

# What ansible-core's command line ends with when it can't parse something.
EXIT_PARSER_ERROR = 4

# How the collection's variables begin: as its roles and playbooks are called.
VARIABLES = tuple(
    f"{name}_"
    for name in (
        *sorted(os.listdir(os.path.join(COLLECTION_ROOT, "roles"))),
        "audit",
        "firewall_review",
        "segmentation_test",
        "switches",
    )
)

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PLUGIN_KEY = re.compile(
    rb"""^(["']?)plugin\1\s*:\s*(["']?)""" + re.escape(PLUGIN).encode() + rb"""\2\s*(?:#.*)?$""", re.M
)


class SiteRefused(SystemExit):
    """Ends Ansible because a site model is wrong.

    ansible-core turns any error of an inventory plugin into a warning, tries the next plugin and goes on with the hosts
    it has: a play over a site would then run on a part of it, or on nothing, and end well. Only a configuration
    setting changes that, and a model must not be obeyed by half where the setting is missing. SystemExit is what
    ansible-core lets pass, so the message is shown by us and the exit status is that of its own parser errors.
    """

    def __init__(self, message: str) -> None:
        super().__init__(EXIT_PARSER_ERROR)
        self.message = message


class InventoryModule(BaseInventoryPlugin):
    """Reads site.yml and *.site.yml."""

    NAME = PLUGIN
    _passed_over: ClassVar[set[str]] = set()  # outputs of which nothing was read

    def verify_file(self, path: str) -> bool:
        """Whether the file is a site model: it has our plugin key, whatever its name. Or no inventory beside one."""
        if not super().verify_file(path) or not os.path.isfile(path):
            return False
        if is_output(path):
            return True
        with open(path, "rb") as file:
            content = file.read()
        if is_encrypted(content) or content.startswith(_UTF16):
            return FILE_NAME.fullmatch(os.path.basename(path)) is not None
        return _PLUGIN_KEY.search(content.removeprefix(codecs.BOM_UTF8)) is not None

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill Ansible's inventory from a site model. Raises SiteRefused when the model is wrong."""
        super().parse(inventory, loader, path, cache)
        try:
            run_request.check_core(ansible_version)
        except run_request.RunRefused as refused:
            self._refuse(str(refused))
        if is_output(path):
            self._passed_over.add(path)
            return
        self._leave_outputs_alone(inventory, path)
        try:
            site = load_site(self._read(path), _shown(path))
            numbers.in_variables(_shown(os.path.dirname(path)), VARIABLES)
            self._fill(inventory, inventory_of(site), path)
        except SiteModelError as error:
            self._refuse(error.report())
        if site.warnings:
            self.display.warning(warning_report(site.file, site.warnings))

    def _leave_outputs_alone(self, inventory: Any, path: str) -> None:
        """Undo what other plugins made of the files beside a model, and be asked first about those that are left.

        Without enable_plugins in ansible.cfg this plugin is not asked about them: ``auto`` brings it in for the model
        only.
        """
        if self.NAME not in constants.INVENTORY_ENABLED:
            constants.INVENTORY_ENABLED = [self.NAME, *constants.INVENTORY_ENABLED]
        if forget_outputs(inventory, self._passed_over):
            self.display.warning(
                f"Files beside {_shown(path)} that are no inventories (evidence, registers, pictures) were read as "
                "such, and nothing was taken from them. They are not read at all when the model is named (-i "
                f"SITE/site.yml), or when ansible.cfg has {self.NAME} first in enable_plugins in [inventory]"
            )

    def _read(self, path: str) -> str:
        if FILE_NAME.fullmatch(os.path.basename(path)) is None:
            message = "a site model is called site.yml or NAME.site.yml (or .yaml)"
            raise SiteModelError(_shown(path), [Problem((), message)])
        try:
            # Decrypts a file that ansible-vault has encrypted. The plain copy drops the tags of Ansible's own text, and
            # the mark that some editors put before it.
            return str(self.loader.get_text_file_contents(path)).encode().decode("utf-8-sig")
        except UnicodeEncodeError as error:
            raise SiteModelError(_shown(path), [Problem((), "is not UTF-8 text; save it as UTF-8")]) from error
        except AnsibleParserError as error:
            raise SiteModelError(_shown(path), [Problem((), f"can't be read: {error}")]) from error

    def _fill(self, inventory: Any, site: Inventory, path: str) -> None:
        self._check_neighbours(inventory, site, path)
        for group, hosts in site.groups.items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        # On group all, so that the group_vars and host_vars of an administrator win.
        inventory.set_variable("all", "ansible_python_interpreter", trust_as_template("/usr/bin/python3"))
        trusted = TrustedText(trust_as_template)
        # Straight to group and host: inventory.set_variable would copy and tag every text of every rule once more,
        # which for 10,000 hosts takes longer than everything else.
        group = inventory.groups[site.site_group]
        for name, value in {**site.site_variables, **site.free_site_variables}.items():
            group.set_variable(name, trusted.copy(value))
        for name, variables in site.host_variables.items():
            host = inventory.hosts[name]
            for key, value in {**variables, **site.free_host_variables.get(name, {})}.items():
                host.set_variable(key, trusted.copy(value))

    def _check_neighbours(self, inventory: Any, site: Inventory, path: str) -> None:
        """Refuse a site or host that another site model has brought already."""
        problems = []
        if site.site_group in inventory.groups and "ringfence_site" in inventory.groups[site.site_group].vars:
            problems.append(Problem(("site", "name"), f"another site model gives group {site.site_group} already"))
            raise SiteModelError(_shown(path), problems)
        for host in site.host_variables:
            other = inventory.hosts.get(host)
            if other is not None and "ringfence_host" in other.vars:
                file = _shown(other.vars.get("inventory_file") or "before it")
                problems.append(Problem(("hosts", host), f"the site model {file} has a host of this name already"))
        if problems:
            raise SiteModelError(_shown(path), problems)

    def _refuse(self, message: str) -> NoReturn:
        self.display.error(message, wrap_text=False)
        raise SiteRefused(message)


def _shown(path: str) -> str:
    """A path as messages show it: relative when it lies below the working directory."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative
