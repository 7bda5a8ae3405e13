#!/bin/sh
# A mail server with a spam filter (a milter on a port, as rspamd has it), a DKIM milter that mail may pass without, a
# reference between the two lists of milters, a lower limit of size, and a service with a filter of its own.
# warning: main.cf has milter_default_action = accept, which becomes 'tempfail'
# warning: main.cf has smtpd_milter_maps = inline:{192.0.2.1=DISABLE}, which becomes ''
# warning: /etc/clamav/clamav-milter.conf has settings of this host that the role's own replace: MilterSocket
set -eu
saved=/var/tmp/mail-before

configure() {
  mkdir "$saved"
  cp -p /etc/postfix/main.cf /etc/postfix/master.cf "$saved/"
  cp -p /etc/clamav/clamav-milter.conf "$saved/" 2> /dev/null || true
  cat > /usr/local/sbin/site-milter << 'END'
"""Stands for the milter of a site: takes what Postfix says, lets everything go on, and counts the mails."""
import socketserver
import struct
import sys


class Session(socketserver.BaseRequestHandler):
    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def handle(self):
        try:
            while True:
                (length,) = struct.unpack("!I", self.exactly(4))
                packet = self.exactly(length)
                self.answer(packet[:1], packet[1:])
        except (EOFError, ConnectionError):
            return

    def answer(self, command, data):
        if command == b"O":
            # Version, no changes, every step wanted with an answer.
            self.send(b"O" + struct.pack("!III", min(6, struct.unpack("!I", data[:4])[0]), 0, 0))
        elif command == b"E":
            with open(f"/run/site-milter-{sys.argv[1]}", "a", encoding="ascii") as stream:
                stream.write("mail\n")
            self.send(b"c")
        elif command not in (b"D", b"A", b"Q", b"K"):
            self.send(b"c")

    def send(self, packet):
        self.request.sendall(struct.pack("!I", len(packet)) + packet)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


Server(("127.0.0.1", int(sys.argv[1])), Session).serve_forever()
END
  for port in 11332 8891; do
    systemd-run --quiet --unit="site-milter-$port" python3 /usr/local/sbin/site-milter "$port"
  done
  cat >> /etc/postfix/main.cf << 'END'
# As the site wrote it.
smtpd_milters = inet:127.0.0.1:11332,
    inet:127.0.0.1:8891
non_smtpd_milters = $smtpd_milters
milter_default_action = accept
smtpd_milter_maps = inline:{192.0.2.1=DISABLE}
message_size_limit = 1500000
END
  printf '10587 inet n - n - - smtpd\n  -o syslog_name=postfix/site\n' >> /etc/postfix/master.cf
  printf '# the milter of this site\nMilterSocket /run/clamav/site.ctl\nOnInfected Quarantine\n' \
    > /etc/clamav/clamav-milter.conf
  postfix reload 2> /dev/null || systemctl start postfix.service
}

send() {
  python3 - "$1" << 'END'
import smtplib
import sys
import time

for attempt in range(60):
    try:
        with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=30) as server:
            server.sendmail("site@localhost.localdomain", ["root@localhost"], "Subject: hello\n\nhello\n")
        break
    except (OSError, smtplib.SMTPException) as error:
        if attempt == 59:
            raise SystemExit(f"not taken: {error}")
        time.sleep(1)
END
}

works() {
  rm -f /run/site-milter-*
  send 25
  send 10587
  # Both mails went through both milters of the site.
  for port in 11332 8891; do test "$(wc -l < "/run/site-milter-$port")" = 2; done
  test "$(postconf -h message_size_limit)" = 1500000
  # One of them is down: as before, mail goes on without it.
  systemctl stop site-milter-8891
  send 25
  systemd-run --quiet --unit=site-milter-8891 python3 /usr/local/sbin/site-milter 8891
}

restore() {
  systemctl stop site-milter-11332 site-milter-8891
  rm -f /usr/local/sbin/site-milter /run/site-milter-* /etc/clamav/clamav-milter.conf
  cp -p "$saved/main.cf" "$saved/master.cf" /etc/postfix/
  if test -e "$saved/clamav-milter.conf"; then cp -p "$saved/clamav-milter.conf" /etc/clamav/; fi
  rm -rf "$saved"
  postfix reload 2> /dev/null || true
}

"$1"
