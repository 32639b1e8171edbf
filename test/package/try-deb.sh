#!/bin/sh
# try-deb.sh ROOT DEB: installs a package in a root, uses it, and purges it, and prints what was said,
# and which files are left or gone, as sections ("== NAME"). The root stays as it is: changes to it are
# in memory. Started in a mount namespace of its own.
set -eu
root=$1 deb=$2
top=$(mktemp -d)
trap 'umount --recursive --lazy "$top"; rmdir "$top"' EXIT
mount -t tmpfs -o mode=0755 none "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay -o "lowerdir=$root,upperdir=$top/upper,workdir=$top/work" none "$top/root"
mount -t proc proc "$top/root/proc"
mount --rbind /dev "$top/root/dev"
mkdir "$top/root/package"
mount --bind "$(dirname "$deb")" "$top/root/package"

inside() {
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
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
# Types a line and a tab in an interactive zsh, and prints the line that it has then.
type_in_zsh() {
	inside timeout 60 zsh -f <<'END'
zmodload zsh/zpty
zpty zsh zsh -f -i
zpty -w zsh "show() { print; print -r -- \"LINE=[\$BUFFER]\" }; zle -N show; bindkey '^X' show"
zpty -w zsh 'autoload -U compinit; compinit -u -D; unsetopt beep; print READY=1'
zpty -r -m zsh out $'*\nREADY=1*'
zpty -w -n zsh $'backstore gr\t\x18'
zpty -r -m zsh out $'*\nLINE=\\[*\\]*'
print -r -- "$out"
END
}

list > "$top/before"
section count wc -l < "$top/before"
section install inside dpkg --install "/package/$(basename "$deb")"
section changed inside dpkg --verify backstore
section version inside backstore --version
section page inside man --where backstore
section formatted inside sh -c 'man backstore | head -n 1'
# Each shell finds the completion by itself, and proposes what it adds to a line.
section bash inside bash -c \
	'. /usr/share/bash-completion/bash_completion; _completion_loader backstore; complete -p backstore
	COMP_WORDS=(backstore gr) COMP_CWORD=1; _backstore; printf "%s\n" "${COMPREPLY[@]}"'
section fish inside fish -c "complete -C 'backstore gr'"
section zsh type_in_zsh
rm -rf "$top/root/root/.config" "$top/root/root/.local" "$top/root/root/.cache"
section purge inside dpkg --purge backstore
list > "$top/after"
section left diff "$top/before" "$top/after"
section known inside dpkg-query --list
