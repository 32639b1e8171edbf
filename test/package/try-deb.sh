#!/bin/sh
# try-deb.sh ROOT DEB: installs a package in a root, uses it, and purges it, and prints what was said
# and the files before and afterwards as sections ("== NAME"). The root stays as it is: changes to it
# are in memory. Started in a mount namespace of its own.
set -eu
root=$1 deb=$2
top=$(mktemp -d)
trap 'umount --recursive --lazy "$top"; rmdir "$top"' EXIT
mount -t tmpfs -o mode=0755 none "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay -o "lowerdir=$root,upperdir=$top/upper,workdir=$top/work" none "$top/root"
mount -t proc proc "$top/root/proc"
mount --bind /dev "$top/root/dev"
mkdir "$top/root/package"
mount --bind "$(dirname "$deb")" "$top/root/package"

inside() {
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		chroot "$top/root" "$@"
}
section() {
	echo "== $1"
	shift
	"$@" 2>&1 || echo "status $?"
}
# Each name with its type and mode; what dpkg and its triggers write down is not the package's.
list() {
	inside find / -xdev -path /package -prune -o \
		! -path '/var/lib/dpkg/*' ! -path '/var/log/*' ! -path '/var/cache/man/*' -printf '%p %y %m\n' | sort
}

section before list
section install inside dpkg --install "/package/$(basename "$deb")"
section changed inside dpkg --verify backstore
section version inside backstore --version
section page inside man --where backstore
section formatted inside sh -c 'man backstore | head -n 1'
section completion inside bash -c \
	'. /usr/share/bash-completion/bash_completion; _completion_loader backstore; complete -p backstore'
section purge inside dpkg --purge backstore
section after list
section known inside dpkg-query --list
