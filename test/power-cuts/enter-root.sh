#!/bin/sh
# Executes a program in a private mount namespace, in a root in memory that has its own /run and
# /sysroot: enter-root ROOT PROGRAM MEDIUM DISKS ARGUMENT... with ROOT an empty directory. The file
# MEDIUM is /medium there, and the directory DISKS /disks.
set -eu
root=$1 program=$2 medium=$3 disks=$4
shift 4
mount -t tmpfs root "$root"
mkdir "$root/upper" "$root/work" "$root/all"
# One mount with all that this machine has: a checker runs in a copy of it without those below.
mount -t overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" root "$root/all"
root=$root/all
for each in dev proc sys; do
  mount --bind "/$each" "$root/$each"
done
for each in run tmp; do
  mount -t tmpfs "$each" "$root/$each"
done
mkdir "$root/disks" "$root/sysroot"
mount --bind "$disks" "$root/disks"
: > "$root/medium"
mount --bind "$medium" "$root/medium"
cp "$program" "$root/program"
exec chroot "$root" /program "$@"
