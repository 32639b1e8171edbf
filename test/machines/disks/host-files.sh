#!/bin/bash
# Puts files into a file system that may become the host of a store, and takes one out of it:
# host-files put IMAGE TYPE DIRECTORY always|never | host-files get IMAGE OFFSET TYPE PATH TO
# host-files cut IMAGE TYPE DIRECTORY TO: puts files into it, and copies it when they are synced and
# it is still mounted. "never" writes every zero, so that a store is fully allocated; "always"
# leaves holes.
# The kernel that runs the tests may lack vfat, exfat, ntfs and f2fs, so their own tools are used. A
# host that was just used by a guest has a journal, so "get" works on a copy. Runs in a private
# mount namespace.
set -euo pipefail
what=$1 image=$2
here=$(mktemp -d)
trap 'cd /; umount "$here/mnt" 2>/dev/null || true; rm -rf "$here"' EXIT
mkdir "$here/mnt"

# attach TYPE OFFSET: mounts $image, and detaches the loop device on unmount.
attach() {
  local loop
  loop=$(losetup --find --show --offset "$2" "$image")
  case $1 in
    exfat) mount.exfat-fuse "$loop" "$here/mnt" > /dev/null ;;
    ntfs) ntfs-3g "$loop" "$here/mnt" ;;
    *) mount -t "$1" "$loop" "$here/mnt" ;;
  esac || { losetup --detach "$loop"; return 1; }
  losetup --detach "$loop"
}

case $what in
  put)
    type=$3 directory=$4 holes=$5
    case $type in
      vfat) (cd "$directory" && mcopy -s -i "$image" -- * ::/) ;;
      f2fs) sload.f2fs -f "$directory" "$image" > /dev/null ;;
      *)
        attach "$type" 0
        cp -r --sparse="$holes" "$directory/." "$here/mnt"
        umount "$here/mnt" ;;
    esac
    # Zeros that are allocated in the guest need not be allocated here.
    fallocate --dig-holes "$image" 2>/dev/null || true ;;
  cut)
    type=$3 directory=$4 to=$5
    attach "$type" 0
    cp -r --sparse=never "$directory/." "$here/mnt"
    for file in "$here"/mnt/*; do sync "$file"; done
    sync "$here/mnt"
    cp --sparse=always "$image" "$to"
    umount "$here/mnt" ;;
  get)
    offset=$3 type=$4 path=$5 to=$6
    case $type in
      vfat) mcopy -i "$image@@$offset" "::$path" "$to" ;;
      *)
        cp --sparse=always "$image" "$here/copy.img"
        image=$here/copy.img
        attach "$type" "$offset"
        cp --sparse=always "$here/mnt$path" "$to"
        umount "$here/mnt" ;;
    esac ;;
esac
