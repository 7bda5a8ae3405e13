#!/bin/sh
set -eu
# Names: those of the lab, for the whole site.
cat > /etc/unbound/unbound.conf.d/newsite.conf <<'UNBOUND'
server:
  interface: 0.0.0.0
  interface: ::0
{% for subnet in subnets %}
  access-control: {{ subnet }} allow
{% endfor %}
  local-zone: callcenter.example. static
  local-data: "infra1.callcenter.example. A {{ infrastructure_address }}"
  local-data: "infra1.callcenter.example. AAAA {{ infrastructure_address6 }}"
UNBOUND
# Time: a clock that serves, though a container may not set it.
mkdir -p /etc/systemd/system/chrony.service.d
printf '[Unit]\nConditionCapability=\n' > /etc/systemd/system/chrony.service.d/newsite.conf
echo 'DAEMON_OPTS="-F 1 -x"' > /etc/default/chrony
printf 'local stratum 8\nallow\n' > /etc/chrony/conf.d/newsite.conf
rm -f /etc/chrony/sources.d/*
sed -i '/^pool/d' /etc/chrony/chrony.conf
# A certificate for the mirror, by an authority of the site's own.
mkdir -p /srv/tls
cd /srv/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Authority of the new site' \
  -addext 'keyUsage=critical,keyCertSign' -keyout ca.key -out ca.crt 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=infra1.callcenter.example' \
  -keyout server.key -out server.csr 2>/dev/null
echo 'subjectAltName=DNS:infra1.callcenter.example' > server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 30 -extfile server.ext -out server.crt 2>/dev/null
cp ca.crt /usr/local/share/ca-certificates/newsite.crt
update-ca-certificates >/dev/null
# Packages by http, as apt looks at their signature; definitions by https.
mkdir -p /srv/www
ln -sfn /srv/mirror/debian12 /srv/www/debian12
ln -sfn /srv/mirror/debian13 /srv/www/debian13
ln -sfn /srv/ringfence-lab/ringfence-lab.cud /srv/www/ringfence-lab.cud
cat > /usr/local/sbin/newsite-www <<'PYTHON'
#!/usr/bin/python3
import functools, http.server, socket, ssl, threading

class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/srv/www")
threading.Thread(target=Server(("::", 80), serve).serve_forever).start()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/srv/tls/server.crt", "/srv/tls/server.key")
https = Server(("::", 443), serve)
https.socket = context.wrap_socket(https.socket, server_side=True)
https.serve_forever()
PYTHON
chmod 0755 /usr/local/sbin/newsite-www
cat > /etc/systemd/system/newsite-www.service <<'UNIT'
[Unit]
Description=Packages and virus definitions for the site
[Service]
ExecStart=/usr/local/sbin/newsite-www
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl --quiet enable --now unbound.service chrony.service newsite-www.service
systemctl restart unbound.service chrony.service newsite-www.service
