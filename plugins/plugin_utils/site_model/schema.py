# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of ``site.yml``: types, choices and which are required. docs/site_model.md says what they mean."""

from __future__ import annotations

import re

from .shapes import Choice, Date, Field, Items, Port, Record, Rows, Table, Text, Time, Variables, Whole
from .switches import SWITCH

PLUGIN = "ringfence.callcenter.site"

CLASSES = ("client", "card_data", "servers", "management", "voice", "guest")
KINDS = (
    "gateway",
    "server",
    "database",
    "mail",
    "log_server",
    "backup_server",
    "workstation",
    "directory",
    "recorder",
    "web",
    "proxy",
    "mirror",
    "name_server",
    "time_server",
)
# What hosts get from elsewhere; catalog/needs.yml says of each what counts as a way to it.
SERVICES = ("names", "time", "packages", "definitions", "logs")
RELEASES = ("debian12", "debian13")
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "esp", "ah", "any")
# What is published is one service and not everything a host has.
PUBLISHED_PROTOCOLS = tuple(protocol for protocol in PROTOCOLS if protocol != "any")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

INTERNET = "internet"
# Words with a meaning of their own, in Ansible or in a flow.
RESERVED = frozenset(
    {"all", "ungrouped", "localhost", INTERNET, "any", "none", "self", "outside", "administration", "site"}
)

# Derived rules are called after their flow, with __2, __3 … where one flow needs several. So a flow's own name has no
# double underscore and leaves room for the ending within a rule's 63 characters.
FLOW_NAME = Text(
    "flow name (a-z, 0-9, - and single _, at most 56 characters)",
    re.compile(r"(?=.{1,56}$)[a-z0-9](?:-|_(?!_)|[a-z0-9])*", re.ASCII),
)
NAME = Text(
    "name (a-z, 0-9, - and _, starting with a letter, at most 40 characters)",
    re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII),
)
HOST_NAME = Text(
    "host name (labels of a-z, 0-9 and -, at most 63 characters each, with dots between them; at least one letter)",
    re.compile(
        r"(?=.{1,253}$)(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
        r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
        re.ASCII,
    ),
)
# Accounts of the host, and those of a directory with their domain.
ACCOUNT_NAME = Text("the name of an account", re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,255}", re.ASCII))
DOMAIN = Text(
    "domain name such as crm.example.com or *.example.com",
    re.compile(
        r"(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9][a-z0-9-]{0,61}[a-z0-9]", re.ASCII
    ),
)
# PostgreSQL and MariaDB take these without quotes, and cut nothing off.
DATABASE_NAME = Text(
    "database name (a-z, 0-9 and _, starting with a letter, at most 63 characters)",
    re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII),
)
# No .. and no blank: these paths become arguments and configuration of roles.
DIRECTORY = Text(
    "a path such as /srv/recordings/acme", re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)+", re.ASCII)
)
TIMEZONE = Text(
    "a time zone such as Europe/Lisbon", re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
)
MAIL_ADDRESS = Text("a mail address such as security@callcenter.example", re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+"))
ADDRESS = Text("an IP address")
SUBNET = Text("a subnet such as 10.60.10.0/24 or fd60:0:0:10::/64")
ENDPOINT = Text("a host, a segment, a client, internet or an address outside the site")

# A port on which sshd listens.
SSH_PORT = Whole(1, 65535)

SITE = Record(
    {
        "name": Field(NAME, required=True),
        "title": Field(Text(), required=True),
        "contact": Field(Text()),
    }
)
DHCP = Record(
    {
        "first": Field(Text("the first IPv4 address to hand out")),
        "last": Field(Text("the last IPv4 address to hand out")),
        "range": Field(Text("the first and the last IPv4 address to hand out, as FIRST-LAST")),
    }
)
SEGMENT = Record(
    {
        "title": Field(Text()),
        "vlan": Field(Whole(1, 4094), required=True),
        "subnets": Field(Items(SUBNET), required=True),
        "class": Field(Choice(CLASSES), required=True),
        "gateway": Field(Text("the name of a host of kind gateway")),
        "dhcp": Field(DHCP),
    }
)
# Ten years are more than any scheme or law asks of recordings; a century is a slip of the keyboard.
RETENTION_DAYS = Whole(1, 36500)
DATABASE = Record(
    {
        "host": Field(Text("the name of a host of kind database"), required=True),
        "name": Field(DATABASE_NAME),
    }
)
RECORDINGS = Record(
    {
        "host": Field(Text("the name of a host of kind recorder")),
        "path": Field(DIRECTORY),
        "store": Field(Text()),
        "retention": Field(RETENTION_DAYS, required=True),
    }
)
RETENTION = Record(
    {
        "data": Field(RETENTION_DAYS),
        "backups": Field(RETENTION_DAYS),
        "reason": Field(Text(), required=True),
    }
)
BUSINESS_HOURS = Record(
    {
        "days": Field(Items(Choice(DAYS)), required=True),
        "from": Field(Time(), required=True),
        "to": Field(Time(midnight=True), required=True),
        "timezone": Field(TIMEZONE, required=True),
    }
)
CLIENT = Record(
    {
        "title": Field(Text(), required=True),
        "segment": Field(Text("the name of a segment"), required=True),
        "sites_allowed": Field(Items(DOMAIN, may_be_empty=True)),
        "database": Field(DATABASE),
        "recordings": Field(RECORDINGS),
        "retention": Field(RETENTION),
        "business_hours": Field(BUSINESS_HOURS),
    }
)
HOST = Record(
    {
        "kind": Field(Items(Choice(KINDS), one_alone=True), required=True),
        "segment": Field(Text("the name of a segment"), required=True),
        "address": Field(ADDRESS),
        "address6": Field(ADDRESS),
        "interfaces": Field(Table(Text("segment name"), Items(ADDRESS, one_alone=True), may_be_empty=True)),
        "trunk": Field(Items(Text("the name of a port"), one_alone=True)),
        "os": Field(Choice(RELEASES), required=True),
        "ssh_port": Field(SSH_PORT),
        "without": Field(Items(Choice(SERVICES))),
        "class": Field(Choice(CLASSES)),
        "vars": Field(Variables()),
    }
)
FLOW = Record(
    {
        "name": Field(FLOW_NAME, required=True),
        "from": Field(Items(ENDPOINT, one_alone=True), required=True),
        "to": Field(Items(ENDPOINT, one_alone=True), required=True),
        "protocol": Field(Choice(PROTOCOLS), required=True),
        "ports": Field(Items(Port(), one_alone=True)),
        "reason": Field(Text(), required=True),
        "owner": Field(Text(), required=True),
        "change": Field(Text(numbers=True)),
        "review_by": Field(Date()),
        "mitigation": Field(Text()),
    }
)
PUBLISHED = Record(
    {
        "name": Field(FLOW_NAME, required=True),
        "host": Field(Text("the name of a host"), required=True),
        "protocol": Field(Choice(PUBLISHED_PROTOCOLS), required=True),
        "ports": Field(Items(Port(), one_alone=True)),
        "reason": Field(Text(), required=True),
        "owner": Field(Text(), required=True),
        "change": Field(Text(numbers=True)),
        "review_by": Field(Date(), required=True),
        "mitigation": Field(Text()),
    }
)
ACCOUNT = Record(
    {
        "name": Field(ACCOUNT_NAME, required=True),
        "reason": Field(Text(), required=True),
        "owner": Field(Text(), required=True),
        "expires": Field(Date()),
    }
)
ADMINISTRATION = Record(
    {
        "sources": Field(Items(Text("a segment, a host, a client or an address")), required=True),
        "local_sources": Field(Items(Text("an address within a segment"), may_be_empty=True)),
        "ports": Field(Items(SSH_PORT, one_alone=True)),
        "accounts": Field(Items(ACCOUNT, may_be_empty=True)),
        "reason": Field(Text(), required=True),
        "owner": Field(Text(), required=True),
        "review_by": Field(Date()),
    }
)
WEB_FILTER = Record(
    {
        "port": Field(Whole(1024, 65534)),
        "resolvers": Field(Items(Text("a host or an address outside the site"), may_be_empty=True)),
    }
)
CONTACT = Record(
    {
        "name": Field(Text(), required=True),
        "email": Field(MAIL_ADDRESS),
        "phone": Field(Text(numbers=True)),
    }
)
CONTACT_ROLES = (
    "security_officer",
    "network_administrators",
    "incident_response",
    "it_operations",
    "data_protection",
    "management",
)
CONTACTS = Record({role: Field(Items(CONTACT)) for role in CONTACT_ROLES})
MODEL = Record(
    {
        "plugin": Field(Choice((PLUGIN,)), required=True),
        "site": Field(SITE, required=True),
        "segments": Field(Table(NAME, SEGMENT), required=True),
        "clients": Field(Table(NAME, CLIENT, may_be_empty=True)),
        "hosts": Field(Table(HOST_NAME, HOST), required=True),
        "flows": Field(Rows(FLOW)),
        "published": Field(Rows(PUBLISHED)),
        "remediation_hosts": Field(Items(Text("a host or an address outside the site"), may_be_empty=True)),
        "administration": Field(ADMINISTRATION, required=True),
        "web_filter": Field(WEB_FILTER),
        "contacts": Field(CONTACTS),
        "switches": Field(Table(HOST_NAME, SWITCH, may_be_empty=True)),
        "vars": Field(Variables()),
    }
)
