#!/bin/sh
# Prints everything a role may leave behind on a host, one line a thing: so that two outputs can be compared.
set -eu
find /etc /usr/local -xdev \( -type f -o -type l -o -type d \) \
  ! -path '/etc/.*' ! -path '/etc/*-' ! -path '/etc/ld.so.cache' ! -path '/etc/mtab' ! -path '/etc/resolv.conf' \
  ! -path '/etc/hosts' ! -path '/etc/hostname' \
  -printf '%p %y %m %u %g %l\n' | sort
find /etc /usr/local -xdev -type f ! -path '/etc/*-' ! -path '/etc/ld.so.cache' ! -path '/etc/resolv.conf' \
  ! -path '/etc/hosts' ! -path '/etc/hostname' -exec sha256sum {} + | sort -k 2
nft list tables 2>/dev/null | sort
systemctl list-unit-files --no-legend --no-pager --state=enabled | awk '{print "unit", $1, $2}' | sort
