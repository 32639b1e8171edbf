#!/bin/sh
# What a distribution writes into its root before it hands over: /etc/early, and as many mebibytes as guest.early=N says.
# A script of live-boot's live-bottom, and sourced by dracut's pre-pivot.
case ${1-} in prereqs) exit 0 ;; esac
guest_root=${rootmnt:-${NEWROOT:-/sysroot}}
echo "written early" > "$guest_root/etc/early"
for guest_word in $(cat /proc/cmdline); do
  case $guest_word in
    guest.early=*) dd if=/dev/zero of="$guest_root/srv/early" bs=1M count="${guest_word#*=}" 2>/dev/null ;;
  esac
done
