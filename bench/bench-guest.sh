#!/bin/bash
# Is the session's init when boots are measured: says when it was started, and powers off.
read -r uptime rest < /proc/uptime
. /usr/lib/guest-facts.sh
open_port
echo "$uptime" | say uptime
say_session
close_port
sync
# A store that was closed is the usual one; one that was not would be checked by one of the contenders.
echo u > /proc/sysrq-trigger
while grep -q ' ext4 rw' /proc/mounts; do :; done
echo o > /proc/sysrq-trigger
sleep 60
