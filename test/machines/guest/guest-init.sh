#!/bin/busybox sh
# The first program of the tiny base. It prints facts on the second serial port, does what the actions disk says, and
# decides nothing.

read -r uptime rest < /proc/uptime 2>/dev/null
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

[ -e /proc/mounts ] || mount -t proc proc /proc
[ -e /sys/block ] || mount -t sysfs sysfs /sys
[ -e /dev/null ] || mount -t devtmpfs devtmpfs /dev
grep -q ' /run ' /proc/mounts || mount -t tmpfs tmpfs /run
. /lib/guest-facts.sh
open_port
tell init '' "=$0 $*"
say_session "${uptime:-unknown}"
do_actions
close_port
# It syncs as well.
poweroff -f
