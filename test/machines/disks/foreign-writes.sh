#!/bin/bash
# Mounts the overlay of a store as another system does, changes files through it, and prints the
# merged tree with list-tree and the attributes of users: foreign-writes IMAGE BASE OPTIONS DIRECTORY SCRIPT. The script runs in
# the merged tree. Runs in a private mount namespace, so that all mounts end with it.
set -euo pipefail
image=$1 base=$2 options=$3 directory=$4 script=$5
mnt=$(mktemp -d)
trap 'cd /; umount -R "$mnt"; rmdir "$mnt"' EXIT
mount -t tmpfs tmpfs "$mnt"
mkdir "$mnt"/{cow,base,root}
mount -o loop "$image" "$mnt/cow"
mount -o loop,ro "$base" "$mnt/base"
store=$mnt/cow/$directory
mkdir -p -m 0700 "$store"
mkdir -p "$store/upperdir" "$store/workdir"
mount -t overlay -o "lowerdir=$mnt/base,upperdir=$store/upperdir,workdir=$store/workdir,$options" airootfs "$mnt/root"

cd "$mnt/root"
bash -euc "$script"
sync
busybox sh bin/list-tree "$mnt/root" /etc /srv /usr
# The squashfs of the base may have been made without attributes.
{ getfattr -h -R -m '^user\.' -d etc srv usr 2> /dev/null || :; } | sort
