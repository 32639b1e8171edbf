#!/bin/bash
# make-live-boot.sh ROOT MODULES OUTPUT PACKAGE...: writes the initramfs that Debian's live-boot makes, with the generator
# of an installed system, which stays as it is: changes to it are in memory. Started in a mount namespace of its own.
set -euo pipefail
root=$1 modules=$2 output=$3
shift 3
version=$(basename "$modules")
top=$(mktemp -d)
trap 'umount --recursive --lazy "$top"; rmdir "$top"' EXIT
mount -t tmpfs -o mode=0755 none "$top"
mkdir "$top"/{upper,work,root}
mount -t overlay -o "lowerdir=$root,upperdir=$top/upper,workdir=$top/work" none "$top/root"
mount --bind /dev "$top/root/dev"
mount -t proc proc "$top/root/proc"
cp "$@" "$top/root/tmp"
INITRD=No chroot "$top/root" bash -c 'dpkg --unpack --force-depends /tmp/*.deb' > /dev/null
# Drivers of hardware that no guest has take most of the room, and of the time to unpack it.
place=$top/root/lib/modules/$version
mkdir -p "$place/kernel/drivers"
cp -r "$modules"/modules.* "$place"
for part in fs lib crypto arch drivers/block drivers/virtio; do
  if [ -d "$modules/kernel/$part" ]; then cp -r "$modules/kernel/$part" "$place/kernel/$part"; fi
done
# A driver that only the base has.
rm -r "$place/kernel/fs/f2fs"
depmod -b "$top/root" "$version"
# What the generator asks of the kernel: whether it can unpack the result.
echo CONFIG_RD_GZIP=y > "$top/root/boot/config-$version"
printf '%s\n' MODULES=most COMPRESS=gzip > "$top/root/etc/initramfs-tools/conf.d/guest"
chroot "$top/root" mkinitramfs -o /made "$version" > /dev/null
cp "$top/root/made" "$output"
