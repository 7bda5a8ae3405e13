# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real directory on one host of the lab, and another host whose people come from it, over TLS."""

from __future__ import annotations

from tests.support.lab import Lab

SUFFIX = "dc=directory,dc=example"
DOMAIN = "directory.example"
_FOLDER = "/run/rf-directory"
#: What answers for sssd, and was started by systemd when somebody asked.
_SOCKETS = "sssd-nss.socket sssd-pam.socket"

_SERVE = """\
set -eu
mkdir -p {folder}/data && cd {folder}
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN={address} \\
  -addext subjectAltName=IP:{address} 2>/dev/null
cat > slapd.conf <<'END'
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/cert.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix {suffix}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by * read
END
cat > people.ldif
slapadd -q -f slapd.conf -l people.ldif
systemd-run --quiet --collect --unit=rf-directory slapd -d 0 -f {folder}/slapd.conf -h ldaps://{address}
"""

_JOIN = """\
set -eu
mkdir -p {folder}
cat > {folder}/cert.pem
cat > /etc/sssd/sssd.conf <<'END'
[sssd]
domains = {domain}

[domain/{domain}]
id_provider = ldap
auth_provider = ldap
access_provider = permit
ldap_uri = ldaps://{address}
ldap_search_base = {suffix}
ldap_tls_cacert = {folder}/cert.pem
ldap_tls_reqcert = demand
cache_credentials = false
END
chmod 0600 /etc/sssd/sssd.conf
systemctl reset-failed
systemctl restart sssd.service
systemctl start {sockets}
"""

_LEAVE = """\
systemctl stop {sockets} sssd-nss.service sssd-pam.service sssd.service
rm -rf /etc/sssd/sssd.conf /var/lib/sss/db/* /var/lib/sss/mc/* {folder}
chmod 0711 /etc/sssd
"""


class Directory:
    """slapd on ``server`` for the people of ``client``."""

    def __init__(self, lab: Lab, client: str) -> None:
        self.lab, self.client = lab, client
        group = set(lab.hosts[client]["groups"])
        self.server = next(name for name, host in lab.hosts.items() if name != client and group & set(host["groups"]))

    def run(self, host: str, command: str, stdin: str = "") -> str:
        """Run a shell line on one of the two hosts; its output."""
        done = self.lab.run(host, command, stdin=stdin)
        assert done.rc == 0, f"{host}: {done.stdout} {done.stderr}"
        return done.stdout

    def open(self, people: dict[str, str]) -> None:
        """Serve these people, name -> password, and have the client know them."""
        fields = {"folder": _FOLDER, "address": self.lab.address(self.server), "suffix": SUFFIX, "domain": DOMAIN}
        fields["sockets"] = _SOCKETS
        entries = [f"dn: {SUFFIX}\nobjectClass: domain\ndc: {DOMAIN.split('.', maxsplit=1)[0]}\n"]
        for number, (name, password) in enumerate(people.items(), 20001):
            entries.append(
                f"dn: uid={name},{SUFFIX}\nobjectClass: account\nobjectClass: posixAccount\nuid: {name}\ncn: {name}\n"
                f"uidNumber: {number}\ngidNumber: 65534\nhomeDirectory: /\nloginShell: /bin/sh\n"
                f"userPassword: {password}\n"
            )
        self.run(self.server, _SERVE.format(**fields), stdin="\n".join(entries))
        self.run(self.client, _JOIN.format(**fields), stdin=self.run(self.server, f"cat {_FOLDER}/cert.pem"))

    def close(self) -> None:
        """Leave both hosts as they were."""
        self.run(self.client, _LEAVE.format(folder=_FOLDER, sockets=_SOCKETS))
        self.run(self.server, f"systemctl stop rf-directory.service; rm -rf {_FOLDER}")

    def accepts(self, name: str, password: str) -> bool:
        """Whether the directory itself takes a password, asked from the client."""
        where = f"-H ldaps://{self.lab.address(self.server)} -D uid={name},{SUFFIX}"
        command = f"LDAPTLS_CACERT={_FOLDER}/cert.pem ldapwhoami -x {where} -y /dev/stdin"
        return self.lab.run(self.client, command, stdin=password).rc == 0
