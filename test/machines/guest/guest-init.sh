#!/bin/busybox sh
# The first program of the tiny base. It prints facts on the second serial port, does what the actions disk says, and
# decides nothing.

read -r uptime rest < /proc/uptime 2>/dev/null
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

for pair in proc:/proc sysfs:/sys devtmpfs:/dev tmpfs:/run; do
  grep -qs " ${pair#*:} " /proc/mounts || mount -t "${pair%%:*}" "${pair%%:*}" "${pair#*:}"
done
. /lib/guest-facts.sh
open_port
echo "${uptime:-unknown}" | say uptime
echo "$0 $*" | say init
say_session
do_actions
sync
close_port
poweroff -f
