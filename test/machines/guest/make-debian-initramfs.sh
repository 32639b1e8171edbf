#!/bin/bash
# make-debian-initramfs.sh live-boot|dracut|dracut-systemd ROOT MODULES EARLY OUTPUT [PACKAGE]: writes an initramfs of
# Debian's with the generators in a root, which stays as it is: changes to it are in memory. The script EARLY is part of
# it, and runs when the root is mounted; so is what our PACKAGE puts into it, which is installed first. Started in a
# mount namespace of its own.
set -euo pipefail
generator=$1 root=$2 modules=$3 early=$4 output=$5 package=${6-}
version=$(basename "$modules")
top=$(mktemp -d)
trap 'umount --recursive --lazy "$top"; rmdir "$top"' EXIT
mount -t tmpfs -o mode=0755 none "$top"
mkdir "$top"/{upper,work,root}
mount -t overlay -o "lowerdir=$root,upperdir=$top/upper,workdir=$top/work" none "$top/root"
mount --bind /dev "$top/root/dev"
mount -t proc proc "$top/root/proc"
# Drivers of hardware that no guest has take most of the room, and of the time to unpack it.
place=$top/root/lib/modules/$version
mkdir -p "$place/kernel"
cp -r "$modules"/modules.* "$place"
(
  cd "$modules/kernel"
  for part in fs/{ext4,fat,isofs,jbd2,nls,overlayfs,squashfs} fs/mbcache.ko lib crypto/crc32c_generic.ko drivers/{block,cdrom,virtio} \
    drivers/scsi/{scsi_common,scsi_mod,sr_mod,virtio_scsi}.ko*; do
    if [ -e "$part" ]; then cp -r --parents "$part" "$place/kernel"; fi
  done
)
depmod -b "$top/root" "$version"
# What the generators ask of the kernel: whether it can unpack the result.
printf 'CONFIG_%s=y\n' BLK_DEV_INITRD RD_GZIP > "$top/root/boot/config-$version"
if [ -n "$package" ]; then
  cp "$package" "$top/root/package.deb"
  chroot "$top/root" dpkg --install /package.deb > /dev/null
fi
case $generator in
  live-boot)
    settings=$top/root/etc/initramfs-tools
    mkdir -p "$settings"/{conf.d,scripts/live-bottom}
    printf '%s\n' MODULES=most COMPRESS=gzip > "$settings/conf.d/guest"
    install -m 0755 "$early" "$settings/scripts/live-bottom/guest"
    argv=(mkinitramfs -o /made)
    ;;
  dracut*)
    cp "$early" "$top/root/early-writes.sh"
    # All that dmsquash-live needs; the rest takes five times as long.
    parts=(dash base fs-lib img-lib kernel-modules udev-rules rootfs-block dm dmsquash-live usrmount shutdown)
    [ "$generator" = dracut ] || parts+=(systemd systemd-initrd dracut-systemd)
    [ -z "$package" ] || parts+=(backstore)
    argv=(
      dracut --quiet --force --no-hostonly --no-early-microcode --compress 'gzip -1' --modules "${parts[*]}"
      --add-drivers 'overlay squashfs loop vfat nls_cp437 nls_iso8859-1 nls_ascii isofs'
      --include /early-writes.sh /usr/lib/dracut/hooks/pre-pivot/50-guest.sh /made
    )
    ;;
esac
chroot "$top/root" "${argv[@]}" "$version" > /dev/null
cp "$top/root/made" "$output"
chmod 0644 "$output"
