#!/bin/bash
# The session's init when boots are measured: tells when it was started and what the processors had done by then, and
# powers off. The first line of timer_list is the time in nanoseconds; reading it takes no other program.
mapfile -t timers < /proc/timer_list
read -r uptime rest < /proc/uptime
. /usr/lib/guest-facts.sh
open_port
say_session "$uptime"
printf '%s\n' "${timers[@]}" | say timers
dmesg | tell memory '' /proc/meminfo modules '' /proc/modules messages '' -
close_port
sync
# Stores are usually closed cleanly; an unclean one would be checked by one of the contenders.
echo u > /proc/sysrq-trigger
while grep -q ' ext4 rw' /proc/mounts; do :; done
echo o > /proc/sysrq-trigger
sleep 60
