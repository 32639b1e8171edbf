# What a power failure left of "backstore install" or "uninstall", and what the next runs do with
# it: judge-install HOST TYPE PROGRAM. Lines: "KEY VALUE". For a shell that may be busybox's.
host=$1 type=$2 program=$3
at=/run/judged
. /run/judge-common
mount -t "$type" "$host" $at || exit
try installed install $at
echo names $(grep -l backstore/addon $at/boot/grub/*.cfg $at/boot/syslinux/*.cfg $at/loader/entries/*.conf | wc -l)
try uninstalled uninstall $at
(cd $at && find . -type f ! -path './arch/*' ! -name '*.c32' ! -name '*.sys' -exec sha256sum {} + | sed 's/^\([^ ]*\)  /file \1 /')
umount $at
