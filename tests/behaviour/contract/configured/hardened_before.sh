#!/bin/sh
# What a host looks like that was hardened before by other means: login stacks with profiles of their own and options on
# the distribution's lines, and a shorter TMOUT that cannot be changed. $1: configure, works or restore.
# roles: default_passwords idle_sessions login_delay password_policy
set -eu
saved=/var/tmp/hardened-before

configure() {
  mkdir "$saved"
  tar -C / -cpf "$saved/pam.tar" etc/pam.d var/lib/pam usr/share/pam-configs
  printf 'declare -xr TMOUT=4\n' > /etc/profile.d/site-timeout.sh
  cat > /usr/share/pam-configs/site_faillock << 'END'
Name: Lock an account after five wrong passwords
Default: yes
Priority: 1024
Conflicts: fingerprint
Auth-Type: Primary
Auth:
	requisite	pam_faillock.so preauth silent audit deny=5 unlock_time=600
Account-Type: Additional
Account:
	required	pam_faillock.so
END
  cat > /usr/share/pam-configs/site_faillock_authfail << 'END'
Name: Count wrong passwords
Default: yes
Priority: 0
Auth-Type: Primary
Auth:
	[default=die]	pam_faillock.so authfail audit deny=5 unlock_time=600
END
  DEBIAN_FRONTEND=noninteractive pam-auth-update --package --enable site_faillock site_faillock_authfail
  sed -i 's/pam_unix\.so nullok/pam_unix.so   audit nullok nodelay/' /etc/pam.d/common-auth
  sed -i 's/pam_unix\.so *$/pam_unix.so no_pass_expiry/' /etc/pam.d/common-account
  sed -i 's/\(pam_unix\.so.*\) yescrypt/\1 sha512 rounds=65536 remember=5/' /etc/pam.d/common-password
  grep -q 'audit nullok nodelay' /etc/pam.d/common-auth
  grep -q 'no_pass_expiry' /etc/pam.d/common-account
  grep -q 'sha512 rounds=65536 remember=5' /etc/pam.d/common-password
}

works() {
  # An account of the site logs in by its password, through the stacks as they are now.
  useradd --create-home --shell /bin/sh rf-site
  trap 'userdel --remove rf-site > /dev/null 2>&1' EXIT
  echo 'rf-site:Quiet-Harbour-2291' | chpasswd -c SHA512
  printf 'Quiet-Harbour-2291\n' | runuser -u nobody -- su -s /bin/sh rf-site -c 'echo entered' 2> /dev/null | grep -qx entered
  if printf 'another\n' | runuser -u nobody -- su -s /bin/sh rf-site -c 'echo entered' 2> /dev/null; then exit 1; fi
  # What the site asked for is still asked for.
  grep -q 'pam_unix\.so .*audit' /etc/pam.d/common-auth
  grep -q 'pam_unix\.so .*no_pass_expiry' /etc/pam.d/common-account
  grep -q 'pam_unix\.so .*sha512.* rounds=65536 remember=5' /etc/pam.d/common-password
  grep -q 'preauth silent audit deny=5' /etc/pam.d/common-auth
  # A login shell ends as early as the site wants, whatever a role asks for.
  test "$(env -i HOME=/nonexistent PATH=/usr/bin:/bin bash --login -c 'printenv TMOUT')" = 4
  sshd -t
}

restore() {
  rm -rf /etc/pam.d /var/lib/pam /usr/share/pam-configs
  tar -C / -xpf "$saved/pam.tar"
  rm -f /etc/profile.d/site-timeout.sh
  rm -rf "$saved"
}

"$1"
