#!/bin/sh
# On the peer: a site's own server of definitions (https on 8443, certificates of two CAs) and a squid that wants a name and a
# password (3128). Only the proxy knows where definitions.example is. Usage: source.sh ADDRESS-OF-THE-PEER
set -eu
mkdir -p /srv/rf-source/files
cd /srv/rf-source
cp -p /etc/hosts /var/tmp/rf-hosts
echo "$1 definitions.example mirror.example" >> /etc/hosts

ca() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
certificate() { # NAME CA DNS-NAMES DATES
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  echo "subjectAltName=$3" > "$1.ext"
  # shellcheck disable=SC2086
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -extfile "$1.ext" $4 -out "$1.pem" 2>/dev/null
}
ca site-ca
ca other-ca
certificate right site-ca DNS:definitions.example,DNS:mirror.example "-days 30"
certificate unknown-ca other-ca DNS:definitions.example,DNS:mirror.example "-days 30"
certificate other-name site-ca DNS:elsewhere.example "-days 30"
certificate expired site-ca DNS:definitions.example,DNS:mirror.example "-days -1"
cp /srv/ringfence-lab/ringfence-lab.cud files/site.cud
# What a mirror would serve, but nobody of ClamAV's signed it.
for name in main daily bytecode; do cp files/site.cud "files/$name.cvd"; done

cat > server.py <<'PYTHON'
import functools
import http.server
import ssl

class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, text, *words):
        with open("/srv/rf-source/asked.log", "a") as log:
            log.write(self.client_address[0] + " " + text % words + "\n")

server = http.server.ThreadingHTTPServer(("0.0.0.0", 8443), functools.partial(Handler, directory="/srv/rf-source/files"))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/srv/rf-source/served.pem", "/srv/rf-source/served.key")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
PYTHON
cat > proxy.conf <<'SQUID'
http_port 3128
auth_param basic program /usr/lib/squid/basic_ncsa_auth /srv/rf-source/users
acl people proxy_auth REQUIRED
http_access allow people
http_access deny all
cache deny all
access_log stdio:/run/squid/rf-access.log squid
cache_log /dev/null
pid_filename none
shutdown_lifetime 0 seconds
SQUID
echo "updates:$(openssl passwd -apr1 "$(cat password)")" > users
chmod 0644 users
rm -f asked.log
install -d -o proxy -g proxy /run/squid
rm -f /run/squid/rf-access.log
systemctl --quiet is-active rf-proxy || systemd-run --quiet --unit=rf-proxy squid --foreground -f /srv/rf-source/proxy.conf
