#!/bin/bash
# Runs in the live system once it is up: does what the actions disk says, prints what is there, and
# ends as it says.
read -r uptime rest < /proc/uptime
. /usr/lib/guest-facts.sh
open_port
say_session "$uptime"
do_actions
close_port
# "cut": the power fails at this moment, and nothing more is written.
[ "${ending:-}" != cut ] || echo b > /proc/sysrq-trigger
systemctl --no-block "${ending:-poweroff}"
