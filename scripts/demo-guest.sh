#!/bin/bash
# Runs in the demo's live system once it is up: does what the actions disk says, tells what is there, powers off.
read -r uptime rest < /proc/uptime
. /usr/lib/guest-facts.sh
open_port
echo "$uptime" | say uptime
say_session
do_actions
close_port
systemctl --no-block poweroff
