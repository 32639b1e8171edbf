#!/bin/busybox sh
# The first and only program of a guest whose power goes off while it writes: mounts the disks whose serial names are
# file systems, leaves a file open and deleted on each, writes to all of them, and is gone in the middle of it. Shown on
# the console: "cut off", as the last thing.
busybox=/bin/busybox
say() { $busybox echo "$*" > /dev/console; }
$busybox mkdir -p /proc /sys /dev /at
$busybox mount -t proc proc /proc
$busybox mount -t sysfs sysfs /sys
$busybox mount -t devtmpfs devtmpfs /dev

while read -r module; do
  $busybox insmod "/modules/$module" || say "no $module"
done < /modules/order

types=
for disk in /sys/block/vd*; do
  type=$($busybox cat "$disk/serial")
  $busybox mkdir "/at/$type"
  $busybox mount -t "$type" "/dev/${disk##*/}" "/at/$type" || say "no mount of $type"
  types="$types $type"
done

descriptor=5
for type in $types; do
  echo "to be deleted" > "/at/$type/deleted"
  eval "exec $descriptor<> /at/$type/deleted"
  descriptor=$((descriptor + 1))
done
$busybox sync
for type in $types; do $busybox rm "/at/$type/deleted"; done
$busybox sync

# write TYPE NAME ROUND: a little more in a file, and a wait until it is on the disk.
write() {
  $busybox dd if=/dev/urandom of="/at/$1/$2" bs=16k count=2 seek="$3" conv=fsync 2> /dev/null
}
for type in $types; do
  (round=0; while [ $round -lt 200 ]; do round=$((round + 1)); write "$type" growing $round; done) &
done
for round in 1 2 3 4 5 6 7 8; do
  for type in $types; do write "$type" last $round; done
done
say "cut off"
echo b > /proc/sysrq-trigger
