#!/bin/busybox sh
# The init of the hand-made initramfs: the same mounts that a session needs, and nothing else.
# Medium and store are labelled RESCUE1100 and store.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mount -t tmpfs tmpfs /run
for module in /modules/*; do $b insmod "$module"; done

medium=$($b findfs LABEL=RESCUE1100)
store=$($b findfs LABEL=store)
$b mkdir -p /run/hand-made/medium /run/hand-made/base /run/hand-made/cow
cd /run/hand-made
$b mount -t vfat -o ro "$medium" medium
$b losetup -r /dev/loop0 medium/sysresccd/x86_64/airootfs.sfs
$b mount -t squashfs -o ro /dev/loop0 base
$b mount -t ext4 "$store" cow
dir=cow/persistent_RESCUE1100/x86_64
$b mkdir -p $dir/upperdir $dir/workdir
$b mount -t overlay -o "lowerdir=base,upperdir=$dir/upperdir,workdir=$dir/workdir,index=off,metacopy=off,xino=off" overlay /root
for place in proc sys dev run; do $b mount --move /$place /root/$place; done
init=/sbin/init
for word in $($b cat /root/proc/cmdline); do case $word in init=*) init=${word#init=} ;; esac; done
exec $b switch_root /root "$init"
