#!/bin/sh
# fail2ban with a jail of the site's for its web server, and sudo with a setting of the site's.
set -eu

configure() {
  mkdir -p /var/log/nginx
  touch /var/log/nginx/error.log
  printf '[nginx-http-auth]\nenabled = true\nmaxretry = 4\n' > /etc/fail2ban/jail.d/site-nginx.conf
  printf 'Defaults timestamp_timeout=3\n' > /etc/sudoers.d/site
  chmod 440 /etc/sudoers.d/site
}

works() {
  # fail2ban has just been started.
  timeout 20 sh -c 'until fail2ban-client status nginx-http-auth > /dev/null 2>&1; do sleep 1; done'
  fail2ban-client status sshd > /dev/null
  test "$(fail2ban-client get nginx-http-auth maxretry)" = 4
  visudo -c > /dev/null
}

restore() {
  rm -rf /etc/fail2ban/jail.d/site-nginx.conf /etc/sudoers.d/site /var/log/nginx
}

"$1"
