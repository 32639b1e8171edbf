#!/bin/bash
# Inspects a store that no guest uses: read-store IMAGE OFFSET file PATH | read-store IMAGE OFFSET
# attributes. A guest that was just switched off leaves a journal, so a copy is mounted and the
# image stays as it is. Runs in a private mount namespace, so that all mounts end with it.
set -euo pipefail
image=$1 offset=$2 what=$3
mnt=$(mktemp -d)
trap 'cd /; umount "$mnt" || true; rm -rf "$mnt" "$mnt.img"' EXIT
cp --sparse=always "$image" "$mnt.img"
mount -o "loop,offset=$offset" "$mnt.img" "$mnt"
case $what in
  file) if [ -e "$mnt/$4" ]; then echo found; cat "$mnt/$4"; else echo missing; fi ;;
  attributes)
    getfattr -R -h -d -m '^trusted\.overlay\.' "$mnt" 2>/dev/null |
      sed -n 's/^trusted\.overlay\.\([a-z]*\).*/\1/p' | grep -v -x -e origin -e impure -e uuid | sort -u ;;
esac
