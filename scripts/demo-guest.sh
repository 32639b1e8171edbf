#!/bin/bash
# Runs in the live system once it is up: does what the actions disk says, prints what is there, and
# ends as it says.
read -r uptime rest < /proc/uptime
. /usr/lib/guest-facts.sh
open_port
echo "$uptime" | say uptime
say_session
do_actions
close_port
# "cut": the power fails at this moment, and nothing more is written.
[ "${ending:-}" != cut ] || echo b > /proc/sysrq-trigger
systemctl --no-block "${ending:-poweroff}"
