#!/bin/sh
# Prints everything a role may leave behind on a host, one line a thing: so that two outputs can be compared.
set -eu
# The account files are compared by what they say: the tests' own accounts come and go and leave other bytes behind.
set -- ! -path '/etc/.*' ! -path '/etc/*-' ! -path /etc/ld.so.cache ! -path /etc/mtab ! -path /etc/resolv.conf \
  ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/passwd ! -path /etc/group ! -path /etc/shadow \
  ! -path /etc/gshadow ! -path /etc/subuid ! -path /etc/subgid
find /etc /usr/local -xdev \( -type f -o -type l -o -type d \) "$@" -printf '%p %y %m %u %g %l\n' | sort
find /etc /usr/local -xdev -type f "$@" -exec sha256sum {} + | sort -k 2
getent passwd | sort
getent group | sort
passwd --status --all | awk '{print "password", $1, $2}' | sort
nft list tables 2>/dev/null | sort
systemctl list-unit-files --no-legend --no-pager --state=enabled | awk '{print "unit", $1, $2}' | sort
