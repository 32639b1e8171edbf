#!/bin/busybox sh
# The init of the hand-made initramfs: the mounts that a session needs, and nothing else. The medium is labelled LIVE;
# hand-made=volatile keeps changes in memory, =directory in a directory of the ext4 file system labelled store, and
# =file in an ext4 file system in the file "store" of the vfat file system labelled HOST. Each phase that is over is
# told to the kernel's log.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mount -t tmpfs tmpfs /run
init=/sbin/init
read -r words < /proc/cmdline
for word in $words; do
  case $word in
    init=*) init=${word#init=} ;;
    hand-made=*) kind=${word#hand-made=} ;;
  esac
done
echo "hand-made: started" > /dev/kmsg
for module in /modules/*; do $b insmod "$module"; done
medium=$($b findfs LABEL=LIVE)
echo "hand-made: medium" > /dev/kmsg
case $kind in
  directory) store=$($b findfs LABEL=store) ;;
  file) host=$($b findfs LABEL=HOST) ;;
esac
[ "$kind" = volatile ] || for module in /store-modules/*; do $b insmod "$module"; done
echo "hand-made: store" > /dev/kmsg
$b mkdir -p /run/hand-made/medium /run/hand-made/base /run/hand-made/host /run/hand-made/cow
cd /run/hand-made
$b mount -t vfat -o ro "$medium" medium
$b losetup -r /dev/loop0 medium/live/filesystem.squashfs
$b mount -t squashfs -o ro /dev/loop0 base
case $kind in
  volatile) $b mount -t tmpfs tmpfs cow ;;
  directory) $b mount -t ext4 "$store" cow ;;
  file)
    $b mount -t vfat "$host" host
    $b losetup /dev/loop1 host/store
    $b mount -t ext4 /dev/loop1 cow
    ;;
esac
$b mkdir -p cow/upperdir cow/workdir
$b mount -t overlay -o "lowerdir=base,upperdir=cow/upperdir,workdir=cow/workdir,index=off,metacopy=off,xino=off" overlay /root
echo "hand-made: mounted" > /dev/kmsg
for place in proc sys dev run; do $b mount --move /$place /root/$place; done
exec $b switch_root /root "$init"
