#!/bin/sh
# Serves the lab's definitions over https from this very host, with a certificate that the host trusts.
set -eu
mkdir -p /srv/rf-server /srv/files
cd /srv/rf-server
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout key.pem -out certificate.pem 2>/dev/null
cp certificate.pem /usr/local/share/ca-certificates/rf-definitions.crt
update-ca-certificates >/dev/null 2>&1
cat > server.py <<'PYTHON'
import functools
import http.server
import ssl

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/srv/ringfence-lab")
server = http.server.ThreadingHTTPServer(("localhost", 8443), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/srv/rf-server/certificate.pem", "/srv/rf-server/key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
PYTHON
cat > /etc/systemd/system/rf-definitions.service <<'UNIT'
[Unit]
After=ringfence-lab-definitions.service
[Service]
ExecStart=/usr/bin/python3 /srv/rf-server/server.py
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now --quiet rf-definitions.service
