#!/bin/sh
# Runs the program in an empty root of its own, in name spaces in which root owns nothing outside:
# sandbox.sh ROOT PROGRAM ARGUMENT... (started by unshare as PID 1 of them; ROOT is an empty directory).
set -eu
root=$1 program=$2
shift 2
mount -t tmpfs -o size=96m none "$root"
mkdir "$root/proc"
mount -t proc none "$root/proc"
cp "$program" "$root/program"
# The libraries that it is linked with, and what loads them.
ldd "$program" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | while read -r library; do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
exec chroot "$root" /program "$@" </dev/null
