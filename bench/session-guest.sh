#!/bin/bash
# The session's init when a session's own speed is measured: puts stores of each kind on disks of its
# own, and does the same work on each in turns. Each fact "work" is "SETUP JOB MILLISECONDS", one a line.
. /usr/lib/guest-facts.sh
open_port
exec > /dev/console 2>&1
set -euo pipefail
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
read -r rounds < /etc/bench-rounds
modprobe -a ext4 vfat nls_cp437 nls_ascii nls_utf8 loop overlay dm_snapshot

disk() { # SERIAL
  local at
  for at in /sys/block/*/serial; do
    [ "$(cat "$at")" != "$1" ] || { at=${at%/serial}; echo "/dev/${at##*/}"; }
  done
}
tmpfs() { mkdir -p "$1"; mount -t tmpfs "$1" "$1"; }
tmpfs /run/bench
cd /run/bench
mkdir base
cp -a /usr/sbin base/
overlay() { # DIRECTORY-WITH-UPPER TARGET: as a boot mounts it
  mkdir -p "$1/upper" "$1/work" "$2"
  mount -t overlay -o "lowerdir=/run/bench/base,upperdir=$1/upper,workdir=$1/work" "$2" "$2"
}
store() { # FILE DIRECT-IO NAME: a store's file as a boot attaches it
  fallocate -l 384M "$1"
  mkfs.ext4 -q -F -E nodiscard "$1"
  local loop
  loop=$(losetup --show --find --direct-io="$2" "$1")
  echo 0 > "/sys/block/${loop#/dev/}/queue/discard_max_bytes"
  mkdir "in-$3"
  mount "$loop" "in-$3"
  overlay "in-$3" "$3"
}

mkfs.ext4 -q -F -E nodiscard "$(disk ext4)"
mkdir ext4 fat
mount "$(disk ext4)" ext4
mkfs.vfat -F 32 "$(disk fat)" > /dev/null
mount -t vfat "$(disk fat)" fat
mkdir ext4/bare
ln -s ext4/bare bare
overlay ext4/directory directory
store ext4/cached.bs off file-ext4
store ext4/direct.bs on file-ext4-direct
store fat/cached.bs off file-vfat
store fat/direct.bs on file-vfat-direct
# dracut's other overlay: the base is an ext4 image, and its changes are blocks.
truncate -s 384M ext4/origin.img
mkfs.ext4 -q -F -E nodiscard ext4/origin.img
origin=$(losetup --show --find --read-only ext4/origin.img)
fallocate -l 384M ext4/changes.img
changes=$(losetup --show --find ext4/changes.img)
dmsetup create --noudevsync snapshot --table "0 $((384 * 2048)) snapshot $origin $changes N 8"
dmsetup mknodes
mkdir snapshot
mount /dev/mapper/snapshot snapshot

fio_on() { # DIRECTORY OPTIONS...
  local at=$1
  shift
  fio --name=job "--filename=$at/data" --ioengine=psync --size=48M --end_fsync=1 --randseed=1 "$@" > /dev/null
}
work() { # JOB DIRECTORY
  case $1 in
    write-seq) fio_on "$2" --rw=write --bs=1M ;;
    write-rand) fio_on "$2" --rw=randwrite --bs=4k --io_size=8M ;;
    write-fsync) fio_on "$2" --rw=randwrite --bs=4k --io_size=512k --fsync=1 ;;
    read-seq) fio_on "$2" --rw=read --bs=1M ;;
    read-rand) fio_on "$2" --rw=randread --bs=4k --io_size=8M ;;
    tar) mkdir "$2/tree"; tar -C "$2/tree" -xf /run/bench/tree.tar; sync -f "$2" ;;
    dpkg)
      mkdir -p "$2/root/var/lib/dpkg/"{info,updates}
      touch "$2/root/var/lib/dpkg/"{status,available}
      dpkg "--root=$2/root" --force-all --no-triggers --unpack /usr/share/bench/*.deb > /dev/null
      sync -f "$2"
      ;;
  esac
}
tar -cf tree.tar -C / usr/bin usr/share/perl5 usr/share/zoneinfo 2> /dev/null || true
setups=(bare directory file-ext4 file-ext4-direct file-vfat file-vfat-direct snapshot)
jobs=(write-seq write-rand write-fsync read-seq read-rand tar dpkg)
for ((round = 0; round <= rounds; round++)); do
  for job in "${jobs[@]}"; do
    for setup in "${setups[@]}"; do
      sync
      echo 3 > /proc/sys/vm/drop_caches
      start=$(date +%s%N)
      work "$job" "$setup"
      end=$(date +%s%N)
      [ "$round" = 0 ] || echo "$setup $job $(((end - start) / 1000000))"
      rm -rf "$setup/tree" "$setup/root"
    done
  done
  rm -f ./*/data
done > /run/bench-work
say work "" < /run/bench-work
close_port
sync
echo o > /proc/sysrq-trigger
sleep 60
