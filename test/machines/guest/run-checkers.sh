#!/busybox sh
# The first program of a guest that has nothing but an initramfs of ours: mounts what init mounts,
# and has the disks whose serial names are file systems checked by the included checkers
# (tools/checkers-main.ts). Printed on the console, one JSON object a line.
mount() { /busybox mount -t "$@"; }
mount proc proc /proc
mount sysfs sysfs /sys
mount devtmpfs devtmpfs /dev
mount tmpfs -o mode=0755 tmpfs /run
# What User Mode Linux does not have, it does not need.
for module in virtio_pci virtio_blk; do /sbin/modprobe $module 2> /dev/null; done

disk_of() {
  for disk in /sys/block/*; do
    [ "$(/busybox cat "$disk/serial" 2> /dev/null)" = "$1" ] && echo "/dev/${disk##*/}"
  done
}
# check TYPE COMMAND...: without a PATH, as init runs it.
check() { /busybox env -i /checkers "$@" > /dev/console; }

check ext4 e2fsck -f -n "$(disk_of ext4)"
check ext4 e2image -r "$(disk_of ext4)" /tmp/copy
check ext4 e2fsck -f -p /tmp/copy
check xfs xfs_repair -n "$(disk_of xfs)"
check btrfs btrfs check --readonly "$(disk_of btrfs)"
check f2fs fsck.f2fs --dry-run "$(disk_of f2fs)"
echo "all done" > /dev/console
/busybox poweroff -f
