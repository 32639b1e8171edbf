#!/bin/bash
# Starts a session on what a power failure left, as the next boot does, and prints what is there
# then; the file systems' own checkers have the last word: judge-session PROGRAM MEDIUM IMAGE OFFSET
# BYTES TYPE COMMAND-LINE [FILE INNER], with FILE a store on that file system. Lines: "boot JSON",
# "file DIGEST PATH", "complaint TEXT". Changes IMAGE. Runs in a private mount namespace with a root
# in memory, which has its own /run and /sysroot.
set -uo pipefail
program=$1 medium=$2 image=$3 offset=$4 bytes=$5 type=$6 words=$7 file=${8:-} inner=${9:-}
root=$(mktemp -d)
complain() { tr '\n' ' ' | sed 's/^/complaint /;$a\'; }

# check TYPE DEVICE: the complaints of the file system's own checker.
check() {
  local said
  case $1 in
    ext4) said=$(e2fsck -f -n "$2" 2>&1) ;;
    xfs) said=$(xfs_repair -n "$2" 2>&1) ;;
    btrfs) said=$(btrfs check --readonly "$2" 2>&1) ;;
  esac || echo "$1: $said" | complain
}

mount -t tmpfs root "$root"
for each in bin dev etc lib lib64 opt proc root sbin sys usr var; do
  [ -L "/$each" ] && cp -a "/$each" "$root" && continue
  [ -d "/$each" ] && mkdir "$root/$each" && mount --rbind "/$each" "$root/$each"
done
mkdir "$root/run" "$root/tmp"
cp "$program" "$root/session"
place=$(losetup --find --show --read-only "$medium")
store=$(losetup --find --show --offset "$offset" --sizelimit "$bytes" "$image")
said=$(chroot "$root" /session "$place" "$store" "$words" 2> "$root/said") || complain < "$root/said"
echo "$said"
(cd "$root/sysroot/" 2> /dev/null && find etc srv usr/local -type f -exec sha256sum {} + | sed -E 's/^(\S+)  /file \1 \//')
# As a session ends, though not with its record: overlay, binds, the file system in the file, host.
for each in sysroot/mnt/memory sysroot; do
  mountpoint -q "$root/$each" && umount "$root/$each"
done
awk -v at="$root/run" 'index($5, at) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r each; do umount "$each"; done
if [ -n "$file" ]; then
  mkdir "$root/host"
  if mount -t "$type" "$store" "$root/host"; then
    check "$inner" "$root/host$file"
    umount "$root/host"
  fi
fi
check "$type" "$store"
losetup --detach "$store"
losetup --detach "$place"
umount -l "$root"
rmdir "$root"
