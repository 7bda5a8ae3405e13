#!/bin/sh
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a switch with VLANs and the site's other hosts, each in a network namespace of its own. Run at every boot.
#
# usage: wire.sh TABLE, whose lines are: NAME VLAN access|tagged|uplink IPV4 IPV6 GATEWAY4 GATEWAY6
# eth2 is the switch's end of the trunk. An access port carries its VLAN untagged, a tagged link with its tag. A host at
# the uplink is not behind the switch: its cable ends in the gateway's interface of that name.
set -eu
table=$1
# At boot the port may not be there yet.
until ip link show eth2 >/dev/null 2>&1 || ip -n switch link show eth2 >/dev/null 2>&1; do sleep 0.5; done
ip -n switch link show br0 >/dev/null 2>&1 && exit 0

ip netns add switch
ip link set eth2 netns switch
ip -n switch link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0 mcast_snooping 0
ip -n switch link set br0 up
ip -n switch link set eth2 master br0 up

number=0
while read -r name vlan mode ipv4 ipv6 gateway4 gateway6; do
  number=$((number + 1))
  port=port$number
  ip netns add "$name"
  leg=eth0
  if [ "$mode" = uplink ]; then
    ip link add uplink address 02:63:00:00:01:00 type veth peer name eth0 netns "$name"
    ip addr add "$gateway4/24" dev uplink
    ip addr add "$gateway6/64" dev uplink nodad
    ip link set uplink up
  else
    ip -n switch link add "$port" type veth peer name eth0 address "02:63:00:00:01:0$number" netns "$name"
    ip -n switch link set "$port" master br0 up
    bridge -n switch vlan add dev eth2 vid "$vlan"
  fi
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
  if [ "$mode" = access ]; then
    bridge -n switch vlan add dev "$port" vid "$vlan" pvid untagged
  elif [ "$mode" = tagged ]; then
    bridge -n switch vlan add dev "$port" vid "$vlan"
    leg=eth0.$vlan
    ip -n "$name" link add link eth0 name "$leg" type vlan id "$vlan"
    ip -n "$name" link set "$leg" up
  fi
  ip -n "$name" addr add "$ipv4/24" dev "$leg"
  ip -n "$name" addr add "$ipv6/64" dev "$leg" nodad
  ip -n "$name" route add default via "$gateway4"
  ip -n "$name" -6 route add default via "$gateway6"
done < "$table"
