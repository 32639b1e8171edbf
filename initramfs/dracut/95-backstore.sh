# /usr/lib/dracut/hooks/pre-pivot/95-backstore.sh: sourced by dracut when the root is mounted. See
# backstore-addon(7).
/backstore-init takeover "${NEWROOT:-/sysroot}"
