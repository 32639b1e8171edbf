#!/bin/bash
# Makes the store that SystemRescue 6 leaves behind: old-store IMAGE BASE OVERLAY-OPTIONS. Changes a
# base through an overlay whose upper directory is where archiso puts it, then prints the merged
# tree with list-tree. Runs in a private mount namespace, so that all mounts end with it.
set -euo pipefail
image=$1 base=$2 options=$3
mnt=$(mktemp -d)
trap 'cd /; umount -R "$mnt"; rmdir "$mnt"' EXIT
mount -t tmpfs tmpfs "$mnt"
mkdir "$mnt"/{cow,base,root}
mount -o loop "$image" "$mnt/cow"
mount -o loop,ro "$base" "$mnt/base"
store=$mnt/cow/persistent_RESCUE1100/x86_64
mkdir -p -m 0700 "$store"
mkdir "$store/upperdir" "$store/workdir"
mount -t overlay -o "lowerdir=$mnt/base,upperdir=$store/upperdir,workdir=$store/workdir,$options" airootfs "$mnt/root"

cd "$mnt/root"
echo "edited by SystemRescue" > etc/motd
rm srv/gone.txt
rm -r srv/gone
chmod 0640 srv/mode
rm -r srv/opaque && mkdir srv/opaque && echo new > srv/opaque/new
mv srv/from srv/to
echo more > srv/to/c
mkdir -m 0750 srv/made && echo kept > "srv/made/with a space"
rm usr/local/bin/tool && printf '#!/bin/sh\necho the new tool\n' > usr/local/bin/tool && chmod 0755 usr/local/bin/tool
sync
busybox sh bin/list-tree "$mnt/root" /etc /srv /usr
