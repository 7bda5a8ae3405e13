# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail with and without a virus, by every way into Postfix, and with parts of the scanner gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.behaviour.mail_antivirus.conftest import BOX, mail
from tests.support.malware import EICAR, encrypted, write, zipped

if TYPE_CHECKING:
    from tests.behaviour.mail_antivirus.conftest import MailServer


@pytest.mark.proof("mail-antivirus.inbound-rejected", "mail-antivirus.internal-sender-rejected")
@pytest.mark.control("mail_antivirus.mail_scanned")
@pytest.mark.control("mail_antivirus.infected_stopped")
@pytest.mark.control("mail_antivirus.findings_logged")
@pytest.mark.parametrize("login", ["", "alice"], ids=["outside", "authenticated"])
def test_infected_mail_over_smtp_is_refused(server: MailServer, login: str) -> None:
    """A clean mail comes through with a word of the scanner; a virus, also in an archive, is refused and logged."""
    subject = f"clean {login or 'outside'}"
    assert server.smtp(mail(attachment="a good file", subject=subject), login=login)[0] == 250
    assert server.wait(lambda: subject in server.box())
    assert "X-Virus-Status: Clean" in server.box()
    since = server.now()
    for attachment in (EICAR, zipped(EICAR, depth=3)):
        code, text = server.smtp(mail(attachment=attachment, subject="infected"), login=login)
        assert code == 550, text
        assert "Ringfence.Test.Eicar" in text
    assert "infected" not in server.box()
    assert server.log(since).count("infected by Ringfence.Test.Eicar") == 2


@pytest.mark.proof("mail-antivirus.local-sendmail-rejected")
@pytest.mark.control("mail_antivirus.mail_scanned")
@pytest.mark.control("mail_antivirus.infected_stopped")
def test_infected_mail_of_a_local_program_does_not_leave(server: MailServer) -> None:
    """sendmail on the host itself: the clean mail is delivered, the infected one is not."""
    server.sendmail(mail(subject="local clean"))
    assert server.wait(lambda: "local clean" in server.box())
    since = server.now()
    server.sendmail(mail(attachment=EICAR, subject="local infected"))
    assert server.wait(lambda: "milter-reject" in server.log(since))
    assert "local infected" not in server.box()
    assert server.wait(lambda: server.attempt("mailq | grep -q 'queue is empty'").rc == 0)


@pytest.mark.proof("mail-antivirus.deferred-without-scanner")
@pytest.mark.control("mail_antivirus.deferred_without_scanner")
@pytest.mark.parametrize("gone", ["clamav-daemon.socket clamav-daemon.service", "ringfence-mail-antivirus.service"])
def test_without_a_scanner_mail_waits(server: MailServer, gone: str) -> None:
    """With the scanner or the filter stopped mail is put off, over SMTP and from the host; with it back it arrives."""
    subject = f"waits {gone.split('.', 1)[0]}"
    server.run(f"systemctl stop {gone}")
    try:
        code, text = server.smtp(mail(subject="refused for now"))
        assert 400 <= code < 500, text
        server.sendmail(mail(subject=subject))
        assert subject not in server.box()
    finally:
        server.run(f"systemctl start {gone}")
    assert server.wait(server.answers)
    assert server.arrives(subject)
    assert "refused for now" not in server.box()


@pytest.mark.claim("mail-antivirus")
@pytest.mark.control("mail_antivirus.deferred_without_scanner")
def test_killed_scanner_and_filter_come_back(server: MailServer) -> None:
    """Scanner and filter are killed: within seconds both are back, and an infected mail is refused."""
    server.run("kill -9 $(pidof clamd) $(pidof clamav-milter)")
    assert server.wait(lambda: server.smtp(mail(attachment=EICAR))[0] == 550)


@pytest.mark.claim("mail-antivirus")
@pytest.mark.control("mail_antivirus.mail_scanned")
def test_a_mail_too_large_to_be_scanned_is_refused(server: MailServer) -> None:
    """A mail larger than what is scanned is not taken at all."""
    code, text = server.smtp(mail(), more=2_000_000)
    assert code == 552, text


@pytest.mark.claim("mail-antivirus")
@pytest.mark.control("mail_antivirus.updates_every_four_hours")
def test_new_definitions_count_after_the_update(server: MailServer) -> None:
    """What the timer starts within four hours fetches new definitions; a mail that was clean before is refused then."""
    new = "a virus of " + "this afternoon"
    assert server.smtp(mail(attachment=new))[0] == 250
    shown = server.run("systemctl list-timers --no-legend --no-pager ringfence-mail-antivirus-update.timer")
    assert "ringfence-antivirus-update.service" in shown
    server.run(
        "cp -p /srv/ringfence-lab/ringfence-lab.cud /run/rf-lab.cud; d=$(mktemp -d); cd $d; : > COPYING; "
        f"sigtool --unpack /srv/ringfence-lab/ringfence-lab.cud >/dev/null 2>&1; {write('new', new)}; "
        'echo "$(md5sum new | cut -c 1-32):$(stat -c %s new):Ringfence.Test.New" >> ringfence-lab.hdb; rm new *.info; '
        "SIGNDUSER=lab sigtool --build=ringfence-lab.cud --unsigned --cvd-version=9999999 --no-cdiff "
        "</dev/null >/dev/null 2>&1; "
        "cp ringfence-lab.cud /srv/ringfence-lab/; touch -d @0 /var/lib/clamav/ringfence-lab.cud"
    )
    try:
        server.run("systemctl start $(systemctl show --value --property=Unit ringfence-mail-antivirus-update.timer)")
        assert server.wait(lambda: server.smtp(mail(attachment=new))[0] == 550)
    finally:
        server.run(
            "mv /run/rf-lab.cud /srv/ringfence-lab/ringfence-lab.cud; touch /srv/ringfence-lab/ringfence-lab.cud; "
            "touch -d @0 /var/lib/clamav/ringfence-lab.cud; systemctl start ringfence-antivirus-update.service"
        )


@pytest.mark.claim("mail-antivirus")
@pytest.mark.control("mail_antivirus.mail_scanned")
@pytest.mark.control("mail_antivirus.updates_every_four_hours")
def test_all_is_there_after_a_reboot(server: MailServer) -> None:
    """The host reboots: an infected mail is refused, and the timer is there."""
    server.lab.restart(server.name)
    assert server.wait(lambda: server.attempt("nc -z localhost 25").rc == 0 and server.answers())
    assert server.smtp(mail(attachment=EICAR, subject=BOX))[0] == 550
    assert server.attempt("systemctl is-active ringfence-mail-antivirus-update.timer").rc == 0


@pytest.mark.claim("mail-antivirus")
@pytest.mark.control("mail_antivirus.mail_scanned")
@pytest.mark.control("mail_antivirus.infected_stopped")
def test_an_encrypted_attachment_is_refused_where_the_scanner_is_told_so(server: MailServer) -> None:
    """What nobody can look into: refused, whatever is in it; the same in the clear is delivered."""
    assert server.smtp(mail(attachment=zipped("a good file"), subject="in the clear"))[0] == 250
    assert server.wait(lambda: "in the clear" in server.box())
    code, text = server.smtp(mail(attachment=encrypted("a good file"), subject="encrypted"))
    assert code == 550, text
    assert "Heuristics.Encrypted.Zip" in text
    assert "Subject: encrypted" not in server.box()
