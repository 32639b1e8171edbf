# /live/custom/MX/6.sh and /live/custom/antiX/6.sh: sourced by the init of MX and antiX when the root
# is mounted. See backstore-addon(7).
/backstore-init takeover "${AUFS_MP:-/live/aufs}"
