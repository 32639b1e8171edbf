#!/bin/sh
# Executes a program in a private mount namespace, in a root in memory that has its own /run and
# /sysroot: enter-root ROOT PROGRAM MEDIUM DISKS ARGUMENT... with ROOT an empty directory. The file
# MEDIUM is /medium there, and the directory DISKS /disks.
set -eu
root=$1 program=$2 medium=$3 disks=$4
shift 4
mount -t tmpfs root "$root"
for each in bin dev etc lib lib64 proc sbin sys usr; do
  if [ -L "/$each" ]; then
    cp -a "/$each" "$root"
  elif [ -d "/$each" ]; then
    mkdir "$root/$each"
    mount --bind "/$each" "$root/$each"
  fi
done
mkdir "$root/run" "$root/tmp" "$root/disks" "$root/sysroot"
mount --bind "$disks" "$root/disks"
: > "$root/medium"
mount --bind "$medium" "$root/medium"
cp "$program" "$root/program"
exec chroot "$root" /program "$@"
