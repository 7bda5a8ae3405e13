# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RabbitMQ and Zabbix of Debian with the logins they are delivered with, tried from outside before and after a change.

Whether a login opens them is asked twice: by the module, and by each product's own way of logging in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Doors

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

FORM = 8080
#: Each call of rabbitmqctl starts a machine of Erlang: seconds.
SLOW = 180
NEW = "a-password-of-its-own-4711"
_RABBIT = "/etc/rabbitmq/rabbitmq.conf"
_ZABBIX = "/etc/zabbix/zabbix.conf.php"

#: As delivered but for two things: RabbitMQ takes its own login from other hosts too, and PHP serves Zabbix by itself.
_START = rf"""
set -e
printf 'loopback_users = none\n' > {_RABBIT}
systemctl start --no-block rabbitmq-server
systemctl start postgresql
runuser -u postgres -- createdb --template=template0 --encoding=UTF8 zabbix
for part in schema images data; do
  zcat /usr/share/zabbix-server-pgsql/$part.sql.gz |
    runuser -u postgres -- env PGOPTIONS='-c synchronous_commit=off' psql -Xq -o /dev/null zabbix
done
sed "s/'MYSQL'/'POSTGRESQL'/; s/'localhost'/'\/run\/postgresql'/; s/^\(.DB.'USER'.*=\).*/\1 'postgres';/" \
  /usr/share/zabbix/conf/zabbix.conf.php.example > {_ZABBIX}
systemd-run --quiet --collect --unit=rf-zabbix -p User=postgres php -S 0.0.0.0:{FORM} -t /usr/share/zabbix
systemctl start rabbitmq-server
for i in $(seq 50); do curl -s -o /dev/null localhost:{FORM}/ && exit 0; sleep 0.2; done
exit 1
"""
_STOP = f"""
systemctl stop rf-zabbix rabbitmq-server
# It ends with an exit status of its own, which counts as a failure.
systemctl reset-failed rabbitmq-server; systemctl stop epmd.socket epmd.service
runuser -u postgres -- dropdb --force zabbix; systemctl stop postgresql; rm -f {_RABBIT} {_ZABBIX}
rm -rf /var/lib/rabbitmq/mnesia
"""
_CHANGE = """
set -e
rabbitmqctl -q change_password guest "$1"
hash=$(php -r 'echo password_hash($argv[1], PASSWORD_BCRYPT);' -- "$1")
echo "update users set passwd = '$hash' where username = 'Admin'" | runuser -u postgres -- psql -Xq1 zabbix
"""


@dataclass
class Products:
    """Both on the host under test."""

    doors: Doors

    def rabbitmq(self, password: str) -> bool:
        """Whether RabbitMQ says that a password is its account's."""
        command = f"rabbitmqctl -q authenticate_user guest {password}"
        return self.doors.lab.run(self.doors.name, command, timeout=SLOW).rc == 0

    def zabbix(self, password: str) -> bool:
        """Whether the programming interface of Zabbix lets its administrator in."""
        login = {"username": "Admin", "password": password}
        asked = {"jsonrpc": "2.0", "method": "user.login", "params": login, "id": 1}
        where = f"http://localhost:{FORM}/api_jsonrpc.php"
        said = self.doors.run(f"curl -s -H 'Content-Type: application/json-rpc' -d @- {where}", stdin=json.dumps(asked))
        return "result" in json.loads(said)

    def look(self, folder: Path) -> Completed:
        """Run default_logins of the controller against both."""
        task = {
            "name": "Try them",
            "ringfence.callcenter.default_logins": {
                "services": [{"service": "amqp", "port": 5672}, {"service": "http_form", "port": FORM}],
                "kinds": ["message_broker", "monitoring"],
                "pause": 0.2,
                "timeout": 20,
            },
        }
        play = [{"name": "Look for logins", "hosts": self.doors.name, "gather_facts": False, "tasks": [task]}]
        path = folder / "look.yml"
        path.write_text(json.dumps(play), encoding="utf-8")
        return self.doors.lab.playbook(str(path), "-vvv", inventory=self.doors.lab.inventory)


@pytest.fixture(scope="module")
def products(lab: Lab, doors: Doors) -> Iterator[Products]:
    """Both as they come out of their packages, started for the first time."""
    try:
        done = lab.run(doors.name, "sh -s", stdin=_START, timeout=600)
        assert done.rc == 0, done.stderr
        yield Products(doors)
    finally:
        lab.run(doors.name, "sh -s", stdin=_STOP, timeout=120)


@pytest.mark.proof(
    "no-default-passwords.message-brokers-fail",
    "no-default-passwords.login-forms-fail",
    "no-default-passwords.planted-found",
)
def test_what_their_vendors_ship_is_found_until_it_is_changed(products: Products, tmp_path: Path) -> None:
    """Both are open and named; with passwords of the site's own neither opens, and nothing is named any more."""
    assert products.rabbitmq("guest")
    assert products.zabbix("zabbix")
    before = products.look(tmp_path)
    assert before.rc != 0
    assert "amqp 5672: guest (RabbitMQ" in before.stdout
    assert f"http_form {FORM}: Admin (Zabbix frontend" in before.stdout
    changed = products.doors.lab.run(products.doors.name, f"sh -s {NEW}", stdin=_CHANGE, timeout=SLOW)
    assert changed.rc == 0, changed.stderr
    assert not products.rabbitmq("guest")
    assert not products.zabbix("zabbix")
    assert products.rabbitmq(NEW)
    assert products.zabbix(NEW)
    after = products.look(tmp_path)
    assert after.rc == 0, after.stdout[-3000:]
    assert '"unanswered": []' in after.stdout
